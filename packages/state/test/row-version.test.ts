import fc from 'fast-check'
import { expectationsOf, rowVersion } from '@streamdb/state'
import { expect, test } from 'vitest'

test('[AZ11] the version of a row follows from what JSON holds of it, whatever the order of its fields', () => {
  expect(rowVersion({ id: '1', deep: { a: 1, b: [1, 2] } })).toBe(
    rowVersion({ deep: { b: [1, 2], a: 1 }, id: '1' }),
  )
  expect(rowVersion({ id: '1', gone: undefined, zero: -0 })).toBe(rowVersion({ zero: 0, id: '1' }))
  expect(rowVersion({ at: new Date(0) })).toBe(rowVersion({ at: '1970-01-01T00:00:00.000Z' }))
  expect(rowVersion({ list: [1, 2] })).not.toBe(rowVersion({ list: [2, 1] }))
  expect(rowVersion(JSON.parse('{"__proto__":1}'))).not.toBe(rowVersion({}))
  expect(rowVersion('dark')).not.toBe(rowVersion('light'))
})

test('[AZ11] versions of clients and gateways of other releases are the same', () => {
  expect([{}, { id: '1', text: 'Hello' }, 'dark', null].map(rowVersion)).toEqual([
    '24xpth6jso71nid0ikfhw8',
    '028bdj19mjz1t81dwdnd04',
    '05i0zao3y2t0x84u407g06',
    '1omwfhr5hyy06cmxq1919w',
  ])
})

test('[AZ11] rows that differ have other versions', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const isSame = canonical(a) === canonical(b)
      expect(rowVersion(a) === rowVersion(b)).toBe(isSame)
    }),
    { numRuns: 300 },
  )
})

test('[AZ11] what an event expects is a condition or several, and nothing else is', () => {
  const of = (expected: unknown) => expectationsOf({ headers: { operation: 'update', expect: expected } })
  expect(of(undefined)).toEqual([])
  expect(of({ version: 'x' })).toEqual([{ version: 'x' }])
  expect(of([{ absent: true }, { type: 'user', key: '1', version: 'x' }])).toHaveLength(2)
  for (const none of [
    null,
    1,
    'x',
    [1],
    {},
    { version: 1 },
    { absent: 'yes' },
    { type: 'user', version: 'x' },
    { key: '', absent: true },
  ]) {
    expect(of(none)).toBeUndefined()
  }
})

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value === 0 ? 0 : value)
  const fields = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`)
  return `{${fields.sort().join()}}`
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprint } from '../src/fingerprint.ts'
import { isBefore, isPlausibleOffset } from '../src/offsets.ts'
import { advance, isDifferentResponse, judge, logStart } from '../src/position.ts'
import type { Position, Verdict } from '../src/position.ts'

const at5: Position = { offset: '5', streamId: 's1' }
const head = { offset: '6', upToDate: false, closed: false, cursor: undefined, streamId: undefined }

describe('judge', () => {
  const table: [string, Parameters<typeof judge>, Verdict][] = [
    ['items, and an offset behind', [at5, head, true], 'continues'],
    ['an offset behind without items', [at5, head, false], 'continues'],
    ['nothing, and up to date', [at5, { ...head, offset: '5', upToDate: true }, false], 'continues'],
    ['nothing, and closed', [at5, { ...head, offset: '5', closed: true }, false], 'continues'],
    ['nothing, and neither', [at5, { ...head, offset: '5' }, false], 'empty'],
    ['items that lead nowhere', [at5, { ...head, offset: '5', upToDate: true }, true], 'stale'],
    ['[F-real-53] an offset before', [at5, { ...head, offset: '4', upToDate: true }, false], 'went-back'],
    ['[F-real-53] items, and an offset before', [at5, { ...head, offset: '4' }, true], 'went-back'],
    ['[F-real-53] another incarnation', [at5, { ...head, streamId: 's2' }, true], 'replaced'],
    ['the same incarnation', [at5, { ...head, streamId: 's1' }, true], 'continues'],
    [
      'an incarnation where none was known',
      [{ offset: '5' }, { ...head, streamId: 's2' }, true],
      'continues',
    ],
    ['items without an offset', [at5, { ...head, offset: undefined, upToDate: true }, true], 'no-offset'],
    [
      'nothing without an offset, up to date',
      [at5, { ...head, offset: undefined, upToDate: true }, false],
      'continues',
    ],
    ['nothing at all', [at5, { ...head, offset: undefined }, false], 'no-offset'],
  ]
  test.each(table)('%s', (_what, given, verdict) => expect(judge(...given)).toBe(verdict))
})

describe('a response that was cut', () => {
  const part = { items: ['a', 'b'], first: 0, complete: false }
  const partial = advance(at5, part, head)

  test('[M6] the position does not move before the response is complete', () => {
    expect(partial).toMatchObject({ offset: '5', partial: { processedCount: 2 } })
    const more = advance(partial, { items: ['c'], first: 2, complete: false }, head)
    expect(more).toMatchObject({ offset: '5', partial: { processedCount: 3 } })
    // Read again from its beginning, it is not less.
    expect(advance(more, part, head)).toMatchObject({ partial: { processedCount: 3 } })
    expect(advance(more, { items: [], first: 3, complete: true }, head)).toEqual({
      offset: '6',
      cursor: undefined,
      streamId: 's1',
    })
  })

  test.each([
    ['the same one', { items: ['a', 'b', 'c'], first: 0, complete: true }, false],
    ['another first item', { items: ['x', 'b'], first: 0, complete: false }, true],
    ['fewer items', { items: ['a'], first: 0, complete: true }, true],
    ['none at all', { items: [], first: 0, complete: true }, true],
    ['a later part', { items: ['z'], first: 2, complete: false }, false],
  ])('[F-net-5] %s', (_what, again, isDifferent) => {
    expect(isDifferentResponse(partial, again)).toBe(isDifferent)
    expect(isDifferentResponse(at5, again)).toBe(false)
  })
})

describe('fingerprint', () => {
  test('equal values have equal fingerprints', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(fingerprint(structuredClone(a))).toBe(fingerprint(a))
        if (fingerprint(a) === fingerprint(b)) expect(JSON.stringify(a)).toBe(JSON.stringify(b))
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  test('[F-real-57] a value nested 100,000 deep has a fingerprint', () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(fingerprint(deep)).toEqual(expect.any(Number))
  })
})

test('offsets sort as text, and plain numbers as numbers', () => {
  const sorted = ['-1', '0000000000000000_0000000000000009', '0000000000000000_0000000000000010']
  for (const [index, offset] of sorted.entries()) {
    for (const later of sorted.slice(index + 1))
      expect([isBefore(offset, later), isBefore(later, offset)]).toEqual([true, false])
  }
  expect([isBefore('9', '10'), isBefore('10', '9'), isBefore('9', '9')]).toEqual([true, false, false])
})

test.each(['', '-1', '-2', 'now', '../..', 'a/b', 'a b', '\u0000', 'é', 'a..b', 'x'.repeat(257)])(
  '[F-real-68] %j can be no offset',
  (offset) => expect(isPlausibleOffset(offset)).toBe(false),
)

test.each(['0', '42', '0000000000000000_0000000000000009', '01JABC', 'a.b~c'])(
  '%j can be an offset',
  (offset) => expect(isPlausibleOffset(offset)).toBe(true),
)

test('the log begins at -1', () => expect(logStart).toEqual({ offset: '-1' }))

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createStateSchema, keyOf, StateError } from '../src/index.ts'
import { withField } from '../src/row.ts'
import { thrownBy } from './builders.ts'

test.each([
  ['text', { id: 'a' }, 'a'],
  ['a number', { id: 7 }, '7'],
  ['zero', { id: 0 }, '0'],
  ['empty text', { id: '' }, undefined],
  ['NaN', { id: NaN }, undefined],
  ['null', { id: null }, undefined],
  ['a boolean', { id: true }, undefined],
  ['a bigint', { id: 7n }, undefined],
  ['no field', {}, undefined],
  ['an inherited field', Object.create({ id: 'a' }), undefined],
  ['an array', ['a'], undefined],
  ['no object', 'a', undefined],
  ['nothing', undefined, undefined],
])('keyOf: %s', (_what, row: unknown, key) => {
  expect(keyOf(row, 'id')).toBe(key)
})

test('[F-event-8] keyOf: an inherited name is no key', () => {
  for (const field of ['__proto__', 'constructor', 'toString']) {
    expect(keyOf({}, field)).toBeUndefined()
    expect(keyOf(Object.fromEntries([[field, 'a']]), field)).toBe('a')
  }
  expect(keyOf(['a'], 'length')).toBeUndefined()
})

test('whatever a definition is made of, it is taken or refused with a StateError', () => {
  const parts = fc.record(
    { schema: fc.anything(), type: fc.anything(), primaryKey: fc.anything() },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(parts, fc.anything()), (definition) => {
      expect(thrownBy(() => createStateSchema({ users: definition } as never))).toBeInstanceOf(StateError)
    }),
  )
})

test('[P4] withField: a copy with the fields of a record, and one in place of its own or added', () => {
  const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'id', '1'))
  // As it comes off the wire: `__proto__` is a field like any other.
  const records = fc
    .dictionary(name, fc.jsonValue())
    .map((each) => JSON.parse(JSON.stringify(each)) as object)
  fc.assert(
    fc.property(records, name, fc.jsonValue(), (record, field, value) => {
      const before = JSON.stringify(record)
      const copy = withField(record as Readonly<Record<string, unknown>>, field, value)
      expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
      expect(new Map(Object.entries(copy))).toEqual(new Map(Object.entries(record)).set(field, value))
      expect(JSON.stringify(record)).toBe(before)
    }),
  )
})

test('[P4] [P5] withField: a record with a field that no assignment puts, as `constructor` where Object.prototype is frozen', () => {
  const name = 'aFieldOfAFrozenPrototype'
  const record = JSON.parse(`{ "${name}": 2 }`) as Readonly<Record<string, unknown>> // as it comes off the wire
  Object.defineProperty(Object.prototype, name, { value: 1, configurable: true })
  try {
    expect(Object.entries(withField(record, 'id', 3))).toEqual([
      [name, 2],
      ['id', 3],
    ])
  } finally {
    Reflect.deleteProperty(Object.prototype, name)
  }
})

import fc from 'fast-check'
import * as v from 'valibot'
import v8 from 'node:v8'
import { runInThisContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema } from '../src/index.ts'
import type { ChangeEvent, CollectionDefinition } from '../src/index.ts'
import { OwnRows } from '../src/sync/own-rows.ts'

const define = (schema: CollectionDefinition['schema']) => {
  const items: CollectionDefinition = { schema, type: 'item', primaryKey: 'id' }
  return createStateSchema({ items })
}
const states = {
  'a new object': define(z.looseObject({ id: z.string() })),
  'a new object of valibot': define(v.looseObject({ id: v.string() })),
  'its input': define(z.custom<object>()),
}
const fields = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', '10', '2', 'a', 'b', 'c')),
  fc.jsonValue(),
  { maxKeys: 40 },
)
// As it comes off the wire: `__proto__` is a field like any other.
const values = fields.map((value) => JSON.parse(JSON.stringify({ ...value, id: '1' })) as object)

test.each(Object.entries(states))(
  '[C2] a kept row has the fields of the value, in their order, and is a plain object: a schema that returns %s',
  (_name, state) => {
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 12 }), (given) => {
        const rows = new OwnRows(state)
        for (const value of given) {
          const event: ChangeEvent = { type: 'item', key: '1', value, headers: { operation: 'insert' } }
          const result = state.items.schema['~standard'].validate(value)
          if (result instanceof Promise || result.issues) throw new Error('the value is refused')
          const output = result.value as object
          const row = rows.of(output, event, state.items)
          expect(row).not.toBe(value)
          expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
          expect(JSON.stringify(row)).toBe(JSON.stringify(output))
          expect(Object.getOwnPropertyNames(row)).toEqual(Object.getOwnPropertyNames(output))
          expect(Object.isExtensible(value)).toBe(true)
        }
      }),
    )
  },
)

test('[C2] [P5] a field that no assignment puts, as `constructor` where Object.prototype is frozen, is kept', () => {
  const name = 'aFieldOfAFrozenPrototype'
  const state = states['a new object']
  const value: Record<string, unknown> = JSON.parse(`{ "id": "1", "${name}": 2 }`) as Record<string, unknown> // as it comes
  const event: ChangeEvent = { type: 'item', key: '1', value, headers: { operation: 'insert' } }
  const rows = new OwnRows(state)
  Object.defineProperty(Object.prototype, name, { value: 1, configurable: true })
  try {
    expect(Object.entries(rows.of(value, event, state.items))).toEqual(Object.entries(value))
  } finally {
    Reflect.deleteProperty(Object.prototype, name)
  }
})

test('[C2] a kept row of many fields is no hash table: it takes as much memory as a schema makes it, and is read as fast', () => {
  v8.setFlagsFromString('--allow-natives-syntax')
  onTestFinished(() => v8.setFlagsFromString('--no-allow-natives-syntax'))
  const hasFastProperties = runInThisContext('(row) => %HasFastProperties(row)') as (row: object) => unknown
  // A constructor's objects have as much room as its first ones needed.
  for (const first of [0, 5, 60]) {
    const numbers = Array.from({ length: 60 }, (_, n) => [`f${n}`, z.number().optional()] as const)
    const state = define(z.object({ id: z.string(), ...Object.fromEntries(numbers) }))
    const rows = new OwnRows(state)
    const rowOf = (count: number): object => {
      const value = { id: '1', ...Object.fromEntries(numbers.slice(0, count).map(([name], n) => [name, n])) }
      const event: ChangeEvent = { type: 'item', key: '1', value, headers: { operation: 'insert' } }
      const result = state.items.schema['~standard'].validate(value)
      if (result instanceof Promise || result.issues) throw new Error('the value is refused')
      return rows.of(result.value as object, event, state.items)
    }
    for (let n = 0; n < 20; n++) rowOf(first)
    const slow = numbers.map((_, n) => n).filter((count) => hasFastProperties(rowOf(count)) !== true)
    expect([first, slow]).toEqual([first, []])
  }
})

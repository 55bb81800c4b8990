import fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
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

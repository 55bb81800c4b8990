import { type } from 'arktype'
import * as v from 'valibot'
import { eventLimits } from '@streamdb/state'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, createStreamDB, StreamDBError } from '../src/index.ts'
import type { CollectionDefinition } from '../src/index.ts'

/** Inserts a row that the types would refuse into a collection of a schema, and returns the error. */
function refusalOf(schema: CollectionDefinition['schema'], row: object): unknown {
  const state = createStateSchema({ people: { schema, type: 'person', primaryKey: 'id' } } as never)
  const db = createStreamDB({ streamOptions: { url: 'http://127.0.0.1:9/none' }, state, startOnRead: false })
  const { people } = db.collections as unknown as { people: { insert(row: object): unknown } }
  try {
    people.insert(row)
  } catch (error) {
    return error
  } finally {
    db.close()
  }
  throw new Error('Nothing was thrown')
}

const schemas = [
  ['zod', z.object({ id: z.string(), address: z.object({ street: z.string() }) })],
  ['valibot', v.object({ id: v.string(), address: v.object({ street: v.string() }) })],
  ['arktype', type({ id: 'string', address: { street: 'string' } })],
] as const

test.each(schemas)(
  '[F-real-37] a refused insert names the field, whatever the library: %s',
  (_library, schema) => {
    const error = refusalOf(schema, { id: '1', address: { street: 7 } })
    expect(error).toBeInstanceOf(StreamDBError)
    expect(error).toMatchObject({
      code: 'invalid-write',
      message: expect.stringMatching(
        /^Cannot insert into "people": the schema refused the row: address\.street: ./,
      ),
      cause: { issues: [{ path: ['address', 'street'] }] },
    })
  },
)

test('[F-real-37] every field is named, up to five', () => {
  const fields = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const shape = Object.fromEntries(fields.map((field) => [field, z.number()]))
  const error = refusalOf(z.object({ id: z.string(), ...shape }), { id: '1' })
  expect(error).toMatchObject({
    message: expect.stringMatching(/ a: .*; b: .*; c: .*; d: .*; e: .*; and 2 more$/),
  })
})

test('[F-real-10] an asynchronous schema refuses a write with a clear error', () => {
  const schema = z.object({ id: z.string() }).refine(async () => true)
  expect(refusalOf(schema, { id: '1' })).toMatchObject({
    code: 'invalid-write',
    message: expect.stringContaining('the schema is asynchronous'),
  })
})

test('[F-real-57] a row that every reader would skip is refused: nested too deeply, or too large', () => {
  const schema = z.object({ id: z.string(), value: z.any() })
  let deep: unknown = 1
  for (let level = 0; level < eventLimits.depth; level++) deep = [deep]
  expect(refusalOf(schema, { id: '1', value: deep })).toMatchObject({
    code: 'invalid-write',
    message: expect.stringContaining(`expected at most ${eventLimits.depth} levels of nesting`),
  })
  expect(refusalOf(schema, { id: '1', value: 'x'.repeat(eventLimits.characters) })).toMatchObject({
    code: 'invalid-write',
    message: expect.stringContaining('characters but received more'),
  })
})

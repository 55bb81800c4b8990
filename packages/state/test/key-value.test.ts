import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, keyValue, MaterializedState, StateIssue, validateRow } from '../src/index.ts'
import type { ChangeEvent, CollectionDefinition } from '../src/index.ts'

const state = createStateSchema({
  settings: keyValue({ schema: z.string().min(1), type: 'setting' }),
  counters: keyValue({ schema: z.number().nullable(), type: 'counter' }),
  presence: keyValue({
    schema: v.object({ status: v.picklist(['online', 'away']), key: v.optional(v.string()) }),
    type: 'presence',
  }),
})

/** An event as others write it. */
function event(type: string, key: string, value: unknown): ChangeEvent {
  return { type, key, value, headers: { operation: 'insert' } }
}

/** The issue of a value, as it is read by a person. */
function messageOf(type: string, value: unknown, definition: CollectionDefinition): string {
  const row = validateRow(event(type, 'k', value), definition)
  return row instanceof StateIssue ? row.message : `no issue: ${JSON.stringify(row)}`
}

test('[P6] a bare value has the row { key, value }, whatever JSON it is', () => {
  expect(validateRow(event('setting', 'theme', 'dark'), state.settings)).toEqual({
    key: 'theme',
    value: 'dark',
  })
  expect(validateRow(event('counter', 'a', 0), state.counters)).toEqual({ key: 'a', value: 0 })
  expect(validateRow(event('counter', 'b', null), state.counters)).toEqual({ key: 'b', value: null })
  // A value with a field `key` keeps it: the event's key is beside it.
  const value = { status: 'online', key: 'other' }
  expect(validateRow(event('presence', 'ada', value), state.presence)).toEqual({ key: 'ada', value })
  const defaulted = keyValue({ schema: z.coerce.number(), type: 'n' })
  expect(validateRow(event('n', 'k', '7'), defaulted)).toEqual({ key: 'k', value: 7 })
})

test('[P6] the helpers make events that carry the value alone', () => {
  expect(state.settings.insert({ key: 'theme', value: 'dark' })).toEqual(event('setting', 'theme', 'dark'))
  expect(state.counters.upsert({ key: 7, value: null, headers: { txid: 't' } })).toEqual({
    type: 'counter',
    key: '7',
    value: null,
    headers: { operation: 'upsert', txid: 't' },
  })
  expect(state.settings.update({ key: 'theme', value: 'light', oldValue: 'dark' })).toMatchObject({
    value: 'light',
    old_value: 'dark',
  })
  expect(state.settings.delete({ key: 'theme' })).toEqual({
    type: 'setting',
    key: 'theme',
    headers: { operation: 'delete' },
  })
  const presence = state.presence.insert({ key: 'ada', value: { status: 'away', key: 'other' } })
  expect(presence).toMatchObject({ key: 'ada', value: { key: 'other' } })
})

test('[P6] what the schema refuses is an issue at its place in the value', () => {
  expect(messageOf('setting', '', state.settings)).toMatch(/^Invalid event at \/value: the schema refused/)
  expect(messageOf('setting', null, state.settings)).toMatch(/^Invalid event at \/value: /)
  expect(messageOf('presence', { status: 'busy' }, state.presence)).toMatch(
    /^Invalid event at \/value\/status: /,
  )
})

test('[P6] a helper without a key or a value, and a definition without a schema, are told', () => {
  // As a caller without types may call them.
  const untyped = state.settings as unknown as { insert(parts?: object): void; delete(parts?: object): void }
  expect(() => untyped.insert({ value: 'dark' })).toThrow(
    'insert of type "setting": expected a non-empty string or a finite number as the `key`',
  )
  expect(() => untyped.insert({ key: 'theme' })).toThrow('expected a value but received undefined')
  expect(() => untyped.insert()).toThrow('expected { key, value } but received undefined')
  expect(() => untyped.delete()).toThrow('expected { key } but received undefined')
  expect(() => keyValue({ type: 'setting' } as never)).toThrow(
    'keyValue, schema: expected a Standard Schema of the values, such as `z.string()` but received undefined',
  )
  expect(() => createStateSchema({ a: keyValue({ schema: z.string(), type: '' }) })).toThrow(
    'a non-empty string',
  )
})

test('[P6] MaterializedState has the bare values', () => {
  const rows = new MaterializedState()
  rows.apply(state.settings.insert({ key: 'theme', value: 'dark' }))
  rows.apply(state.counters.insert({ key: 'a', value: null }))
  expect([rows.get('setting', 'theme'), rows.get('counter', 'a')]).toEqual(['dark', null])
})

test('[P6] a row is held to its form: a key, and a value', async () => {
  const validate = (row: unknown): unknown => state.settings.schema['~standard'].validate(row)
  expect(validate('dark')).toMatchObject({
    issues: [{ message: 'expected { key, value } but received "dark"' }],
  })
  expect(validate({ key: '', value: 'dark' })).toMatchObject({ issues: [{ path: ['key'] }] })
  expect(validate({ key: 'theme' })).toMatchObject({ issues: [{ path: ['value'] }] })
  const late = keyValue({ schema: z.string().refine(() => Promise.resolve(true)), type: 'late' })
  expect(validateRow(event('late', 'k', 'x'), late)).toMatchObject({ code: 'async-schema' })
  expect(await late.schema['~standard'].validate({ key: 'k', value: 'x' })).toEqual({
    value: { key: 'k', value: 'x' },
  })
})

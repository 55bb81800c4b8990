import { createStateSchema as defineState, StateError } from '@streamdb/state'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, createStreamDB } from '../src/index.ts'
import { stripVirtualFields } from '../src/collections/virtual-fields.ts'

const schema = z.object({ id: z.string(), name: z.string() })
const users = { schema, type: 'user', primaryKey: 'id' } as const
const streamOptions = { url: 'http://127.0.0.1:9/stream' }

const ada = { id: '1', name: 'Ada' }
const virtual = {
  $synced: true,
  $origin: 'remote',
  $key: '1',
  $collectionId: 'users',
  $hasPendingWrites: false,
}

const reserved = [
  'then',
  'close',
  'collections',
  'actions',
  'offset',
  'preload',
  'status',
  'stream',
  'transact',
  'utils',
]

test.each(reserved)('[F-event-8] the collection name %j is refused', (name) => {
  expect(() => createStateSchema({ [name]: users } as never)).toThrow(StateError)
  expect(() => createStateSchema({ [name]: users } as never)).toThrow(
    expect.objectContaining({ code: 'reserved-name', message: expect.stringContaining(`"${name}"`) }),
  )
  // Defined by another package, or without helpers.
  for (const state of [defineState({ [name]: users } as never), { [name]: users }]) {
    expect(() => createStreamDB({ streamOptions, state })).toThrow(
      expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(`"${name}"`) }),
    )
  }
})

test('[F-event-8] a state knows nothing of a database: its names are free', () => {
  expect(Object.keys(defineState({ close: users }))).toEqual(['close'])
})

test('[F-event-10] virtual fields of a spread row are never written', () => {
  const state = createStateSchema({ users })
  const row = Object.freeze({ ...ada, ...virtual })
  expect(state.users.update({ value: row, oldValue: row })).toStrictEqual({
    type: 'user',
    key: '1',
    value: ada,
    old_value: ada,
    headers: { operation: 'update' },
  })
  expect(state.users.delete({ oldValue: row })).toMatchObject({ old_value: ada })
  expect(JSON.stringify(state.users.insert({ value: row }))).not.toContain('$')
})

test('[F-event-10] nor by the helpers of a state that `@streamdb/state` defined, once a database has it', () => {
  const state = defineState({ users })
  createStreamDB({ streamOptions, state }).close()
  expect(state.users.insert({ value: { ...ada, ...virtual } }).value).toStrictEqual(ada)
})

test('[F-event-8] hostile fields survive beside virtual ones', () => {
  const state = createStateSchema({ users })
  const value = JSON.parse('{"id":"1","name":"Ada","__proto__":{"admin":true},"$synced":true}') as typeof ada
  expect(JSON.stringify(state.users.insert({ value }).value)).toBe(
    '{"id":"1","name":"Ada","__proto__":{"admin":true}}',
  )
  expect(Reflect.get({}, 'admin')).toBeUndefined()
})

test('[F-event-10] stripVirtualFields leaves out what TanStack adds, and nothing else', () => {
  expect(stripVirtualFields(Object.freeze({ id: '1', ...virtual, $own: 1 }))).toStrictEqual({
    id: '1',
    $own: 1,
  })
  for (const value of ['dark', 7, null, undefined, ['$key'], ada]) {
    expect(stripVirtualFields(value)).toEqual(value)
  }
})

import { expect, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, decodeStateEvent } from '../src/index.ts'
import { deepFreeze, handwritten, thrownBy } from './builders.ts'

const state = createStateSchema({
  users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
  issues_: {
    schema: z.object({ number: z.number(), title: z.string() }),
    type: 'issue',
    primaryKey: 'number',
  },
})

const ada = { id: '1', name: 'Ada' }
const old = { id: '1', name: 'A.' }

test('insert makes the event, with the key of the value', () => {
  expect(state.users.insert({ value: ada })).toStrictEqual({
    type: 'user',
    key: '1',
    value: ada,
    headers: { operation: 'insert' },
  })
})

test.each(['update', 'upsert'] as const)(
  '%s makes the event, with the old value where it is given',
  (operation) => {
    const event = { type: 'user', key: '1', value: ada, headers: { operation } }
    expect(state.users[operation]({ value: ada })).toStrictEqual(event)
    expect(state.users[operation]({ value: ada, oldValue: old })).toStrictEqual({ ...event, old_value: old })
    expect(state.users[operation]({ value: ada, oldValue: undefined })).toStrictEqual(event)
  },
)

test('delete makes the event of a key, of an old value, or of both', () => {
  const event = { type: 'user', key: '1', headers: { operation: 'delete' } }
  expect(state.users.delete({ key: '1' })).toStrictEqual(event)
  expect(state.users.delete({ oldValue: old })).toStrictEqual({ ...event, old_value: old })
  expect(state.users.delete({ key: '1', oldValue: old })).toStrictEqual({ ...event, old_value: old })
})

test('[F-event-6] a numeric key is written as its decimal text, and stays a number in the value', () => {
  const value = { number: 7, title: 'A bug' }
  expect(state.issues_.insert({ value })).toMatchObject({ key: '7', value: { number: 7 } })
  expect(state.issues_.insert({ value, key: 7 })).toMatchObject({ key: '7' })
  expect(state.issues_.insert({ value, key: '7' })).toMatchObject({ key: '7' })
  expect(state.issues_.delete({ key: 7 })).toMatchObject({ key: '7' })
  for (const [number, key] of [
    [0, '0'],
    [-1, '-1'],
    [1.5, '1.5'],
    [-0, '0'],
    [1e21, '1e+21'],
  ] as const) {
    expect(state.issues_.insert({ value: { number, title: '' } }).key).toBe(key)
  }
})

test("headers are passed through, and the operation is the helper's own", () => {
  const headers = { txid: 't1', timestamp: '2026-01-01T00:00:00Z', from: 'ada', 'x-trace': { id: 1 } }
  expect(state.users.insert({ value: ada, headers }).headers).toStrictEqual({
    ...headers,
    operation: 'insert',
  })
  expect(state.users.delete({ key: '1', headers }).headers).toStrictEqual({ ...headers, operation: 'delete' })
  const sly = { operation: 'delete' } as never
  expect(state.users.insert({ value: ada, headers: sly }).headers.operation).toBe('insert')
})

test('what helpers make decodes, before and after the wire', () => {
  for (const event of [
    state.users.insert({ value: ada, headers: { txid: undefined } }),
    state.users.update({ value: ada, oldValue: old }),
    state.users.upsert({ value: ada }),
    state.users.delete({ key: '1' }),
  ]) {
    expect(decodeStateEvent(event)).toBe(event)
    const sent: unknown = JSON.parse(JSON.stringify(event))
    expect(decodeStateEvent(sent)).toBe(sent)
  }
})

test('[F-event-10] virtual fields of a spread row are never written', () => {
  const virtual = {
    $synced: true,
    $origin: 'remote',
    $key: '1',
    $collectionId: 'users',
    $hasPendingWrites: false,
  }
  const row = deepFreeze({ ...ada, ...virtual })
  expect(state.users.update({ value: row, oldValue: { ...old, ...virtual } })).toStrictEqual({
    type: 'user',
    key: '1',
    value: ada,
    old_value: old,
    headers: { operation: 'update' },
  })
  expect(state.users.delete({ oldValue: row })).toMatchObject({ old_value: ada })
  expect(JSON.stringify(state.users.insert({ value: row }))).not.toContain('$')
})

test("[C2] other fields that begin with $ are the user's own", () => {
  const value = { ...ada, $type: 'person', $ref: '#/1' }
  expect(state.users.insert({ value }).value).toStrictEqual(value)
})

test('[F-event-8] hostile fields survive the helpers', () => {
  const value = JSON.parse('{"id":"1","name":"Ada","__proto__":{"admin":true},"$synced":true}') as typeof ada
  const event = state.users.insert({ value })
  expect(JSON.stringify(event.value)).toBe('{"id":"1","name":"Ada","__proto__":{"admin":true}}')
  expect(Reflect.get({}, 'admin')).toBeUndefined()
})

const unkeyed: readonly [what: string, run: () => unknown][] = [
  ['a value without its primary key', () => state.users.insert({ value: { name: 'Ada' } as never })],
  ['an empty primary key', () => state.users.insert({ value: { id: '', name: 'Ada' } })],
  ['a primary key that is null', () => state.users.insert({ value: { id: null, name: 'Ada' } as never })],
  ['a primary key that is an object', () => state.users.insert({ value: { id: {}, name: 'Ada' } as never })],
  ['a primary key that is NaN', () => state.issues_.insert({ value: { number: NaN, title: '' } })],
  ['a key that is empty', () => state.users.insert({ value: ada, key: '' })],
  ['a key that is infinite', () => state.users.delete({ key: Infinity })],
  ['no value', () => state.users.insert({ key: '1' } as never)],
  ['null for a value', () => state.users.upsert({ key: '1', value: null } as never)],
  ['a delete of nothing', () => state.users.delete({} as never)],
  [
    'a delete of an old value without the key',
    () => state.users.delete({ oldValue: { name: 'Ada' } as never }),
  ],
]

test.each(unkeyed)('[F-event-7] %s is refused at once', (_what, run) => {
  expect(thrownBy(run)).toMatchObject({ name: 'StateError', code: 'missing-key' })
})

test('a refusal says of which operation, of which type, and what was expected', () => {
  expect(thrownBy(() => state.users.delete({ oldValue: { name: 'Ada' } as never }))).toMatchObject({
    message: 'delete of "user": expected a row with a key as its "id" but received an object',
  })
})

test("[P4] a key that is not the value's is refused", () => {
  expect(thrownBy(() => state.users.insert({ value: ada, key: '2' }))).toMatchObject({
    code: 'key-mismatch',
    message: 'insert of "user": expected "id" to be "2" but received "1"',
  })
  expect(thrownBy(() => state.users.delete({ key: '2', oldValue: old }))).toMatchObject({
    code: 'key-mismatch',
  })
  expect(thrownBy(() => state.issues_.insert({ value: { number: 7, title: '' }, key: '07' }))).toMatchObject({
    code: 'key-mismatch',
  })
})

test('[P4] a value without its primary key takes the key that is given, and is not changed', () => {
  const value = deepFreeze({ name: 'Ada' })
  expect(state.users.insert({ value: value as never, key: '1' })).toMatchObject({ key: '1', value })
})

test('[F-event-8] an inherited field is no primary key', () => {
  const hostile = createStateSchema({
    things: {
      schema: handwritten<Readonly<Record<string, unknown>>>((value) => ({ value: value as never })),
      type: 'thing',
      primaryKey: 'constructor',
    },
  })
  expect(thrownBy(() => hostile.things.insert({ value: {} }))).toMatchObject({ code: 'missing-key' })
  expect(hostile.things.insert({ value: { constructor: 'a' } }).key).toBe('a')
})

test('[C2] nothing that a helper is given is changed', () => {
  const parts = deepFreeze({ value: { ...ada, $key: '1' }, oldValue: old, headers: { txid: 't1' } })
  expect(state.users.update(parts).key).toBe('1')
})

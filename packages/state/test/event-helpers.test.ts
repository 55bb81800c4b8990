import { expect, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, decodeStateEvent, eventLimits, setOmittedFields } from '../src/index.ts'
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

test('events of helpers decode, before and after the wire', () => {
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

test('[F-event-10] fields that a layer above adds to rows are left out, and only in its collections', () => {
  const definition = { schema: z.object({ id: z.string(), name: z.string() }), primaryKey: 'id' } as const
  const { people, pets } = createStateSchema({
    people: { ...definition, type: 'person' },
    pets: { ...definition, type: 'pet' },
  })
  setOmittedFields(people, (field) => field === '$added')
  const row = deepFreeze({ ...ada, $added: true, $own: 1 })
  expect(people.update({ value: row, oldValue: row })).toStrictEqual({
    type: 'person',
    key: '1',
    value: { ...ada, $own: 1 },
    old_value: { ...ada, $own: 1 },
    headers: { operation: 'update' },
  })
  expect(people.delete({ oldValue: row })).toMatchObject({ old_value: { ...ada, $own: 1 } })
  const copy = { ...people }
  expect(copy.insert({ value: row }).value).toStrictEqual({ ...ada, $own: 1 })
  expect(pets.insert({ value: row }).value).toBe(row)
})

test("[C2] other fields that begin with $ are the user's own", () => {
  const value = { ...ada, $type: 'person', $ref: '#/1' }
  expect(state.users.insert({ value }).value).toStrictEqual(value)
})

test('[F-event-8] hostile fields survive the helpers', () => {
  const value = JSON.parse('{"id":"1","name":"Ada","__proto__":{"admin":true}}') as typeof ada
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
    message:
      'delete of type "user": expected a row with a non-empty string or a finite number as its "id", or a `key` but received an object whose "id" is undefined',
  })
  expect(thrownBy(() => state.users.insert({ value: ada, key: '' }))).toMatchObject({
    message:
      'insert of type "user": expected a non-empty string or a finite number as the `key` but received ""',
  })
  expect(thrownBy(() => state.users.insert({ key: '1', value: null } as never))).toMatchObject({
    message: 'insert of type "user": expected a value but received null',
  })
})

test("[P4] a key that is not the value's is refused", () => {
  expect(thrownBy(() => state.users.insert({ value: ada, key: '2' }))).toMatchObject({
    code: 'key-mismatch',
    message:
      'insert of type "user": expected the value\'s "id" to be the key "2" but received "1". Leave out `key`: it is taken from the value',
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

test('[F-real-46] a control in the headers of a change is left out: the event would be refused', () => {
  const headers = { control: 'reset', operation: 'delete', txid: 't1' } as never
  for (const event of [
    state.users.insert({ value: ada, headers }),
    state.users.update({ value: ada, headers }),
    state.users.upsert({ value: ada, headers }),
    state.users.delete({ key: '1', headers }),
  ]) {
    expect(event.headers).not.toHaveProperty('control')
    expect(event.headers.txid).toBe('t1')
    expect(decodeStateEvent(event)).toBe(event)
  }
  expect(state.users.insert({ value: ada, headers }).headers.operation).toBe('insert')
})

test('[F-real-46] an event that every reader would refuse is refused by the helper', () => {
  const anything = createStateSchema({
    notes: {
      schema: handwritten<{ id: string; text: unknown }>((value) => ({ value: value as never })),
      type: 'note',
      primaryKey: 'id',
    },
  })
  const text = 'x'.repeat(eventLimits.characters)
  expect(thrownBy(() => anything.notes.insert({ value: { id: '1', text } }))).toMatchObject({
    code: 'invalid-event',
    message: expect.stringContaining('insert of type "note": Invalid event: expected at most'),
  })
})

test.each(['event', 'value'] as const)(
  "[F-moving-3] with key: %j, the key of an event may be another than its row's",
  (key) => {
    const schema = z.object({ id: z.string() })
    const { pets } = createStateSchema({ pets: { schema, type: 'pet', primaryKey: 'id', key } })
    expect(pets.insert({ key: 'pet:9', value: { id: '9' } })).toMatchObject({
      key: 'pet:9',
      value: { id: '9' },
    })
    expect(pets.delete({ key: 'pet:9', oldValue: { id: '9' } })).toMatchObject({ key: 'pet:9' })
  },
)

test('[F-real-40] a helper that is called without an object says what it expects', () => {
  for (const parts of [undefined, null, '1', 7]) {
    expect(thrownBy(() => state.users.insert(parts as never))).toMatchObject({
      code: 'missing-key',
      message: expect.stringContaining('insert of type "user": expected { value } but received '),
    })
    expect(thrownBy(() => state.users.delete(parts as never))).toMatchObject({
      message: expect.stringContaining(
        'delete of type "user": expected { key } or { oldValue } but received ',
      ),
    })
  }
})

import { eventually } from '@streamdb/testkit'
import { openRoom, plain, room, user } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import {
  createLiveQueryCollection,
  createStateSchema,
  createStreamDB,
  createTransaction,
  eq,
} from '../src/index.ts'
import type { ChangeEvent, StreamDBError } from '../src/index.ts'

function throwing(text: string): () => never {
  return () => {
    throw new Error(text)
  }
}

/** Opens a room with a user and a message, and collects what is reported. */
async function open() {
  const errors: StreamDBError[] = []
  const { db, append } = await openRoom([user('u1')], { onError: (error) => errors.push(error) })
  await db.preload()
  return { db, append, errors }
}

describe('[F-real-64] a listener that throws refuses no write, and is reported', () => {
  test('of a collection', async () => {
    const { db, errors } = await open()
    const heard: string[] = []
    db.collections.users.subscribeChanges(throwing('mistake of a listener'))
    db.collections.users.subscribeChanges((changes) => void heard.push(...changes.map(({ type }) => type)), {
      includeInitialState: false,
    })
    const transaction = db.collections.users.insert({ id: 'u2', name: 'Eva' })
    expect(db.collections.users.has('u2')).toBe(true)
    await transaction.when('settled')
    db.collections.users.update('u2', (draft) => void (draft.name = 'Ada'))
    await db.collections.users.delete('u2').when('settled')
    expect(heard.filter((type, index) => type !== heard[index - 1])).toEqual(['insert', 'update', 'delete'])
    expect(errors[0]).toMatchObject({ code: 'callback-failed', cause: { message: 'mistake of a listener' } })
  })

  test('of a live query, also over two collections that one transaction writes', async () => {
    const { db, errors } = await open()
    const live = createLiveQueryCollection((q) =>
      q
        .from({ message: db.collections.messages })
        .leftJoin({ author: db.collections.users }, ({ message, author }) => eq(message.userId, author.id))
        .select(({ message, author }) => ({ id: message.id, name: author?.name })),
    )
    await live.preload()
    live.subscribeChanges(throwing('mistake behind a query'))
    const transaction = db.transact(() => {
      db.collections.messages.insert({ id: 'm1', userId: 'u2', text: 'hi' })
      db.collections.users.insert({ id: 'u2', name: 'Eva' })
    })
    expect([db.collections.users.has('u2'), db.collections.messages.has('m1')]).toEqual([true, true])
    await transaction.when('settled')
    expect(plain(live.toArray[0])).toEqual({ id: 'm1', name: 'Eva' })
    expect(errors.map(({ cause }) => (cause as Error).message)).toContain('mistake behind a query')
  })

  test('an error of the application inside a transaction still refuses it', async () => {
    const { db, errors } = await open()
    const mutate = (): void => {
      db.collections.users.insert({ id: 'u2', name: 'Eva' })
      throw new Error('changed my mind')
    }
    expect(() => db.transact(mutate)).toThrow('changed my mind')
    expect([db.collections.users.has('u2'), db.pendingWrites, errors]).toEqual([false, [], []])
  })
})

describe('[F-real-45] a row without a primary key is refused, with the name of the field', () => {
  const broken = [undefined, null, '', {}, Number.NaN]

  test.each(broken)('%j, by insert, by transact and in a transaction of somebody else', async (id) => {
    const { db } = await open()
    // As code without types may do it.
    const row = { id, name: 'nobody' } as unknown as { id: string; name: string }
    const refusal = /users.*\bid\b/
    expect(() => db.collections.users.insert(row)).toThrow(refusal)
    expect(() => db.transact(() => void db.collections.users.insert(row))).toThrow(refusal)
    const transaction = createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() })
    expect(() => transaction.mutate(() => void db.collections.users.insert(row))).toThrow(refusal)
    expect([...db.collections.users.keys()]).toEqual(['u1'])
  })
})

describe('[F-real-40] a write to a row that is not there says what to do', () => {
  test('before anything is loaded', async () => {
    const { url } = await openRoom([user('u1')])
    const db = createStreamDB({ streamOptions: { url }, state: room, startOnRead: false })
    onTestFinished(() => db.close())
    const update = (): unknown => db.collections.users.update('u1', (draft) => void (draft.name = 'Eva'))
    expect(update).toThrow(/"u1".*"users".*not loaded yet.*db\.preload\(\)/)
    expect(() => db.collections.users.delete('u1')).toThrow(/db\.preload\(\)/)
    await db.preload()
    update()
    expect(db.collections.users.get('u1')?.name).toBe('Eva')
    await eventually(() => expect(db.pendingWrites).toEqual([]))
  })

  test('when all is loaded', async () => {
    const { db } = await open()
    const update = (): unknown => db.collections.users.update('u9', (draft) => void (draft.name = 'Eva'))
    expect(update).toThrow(/"u9".*"users".*no such row.*has\(\)/)
    expect(() => db.collections.users.delete(['u1', 'u9'])).toThrow(/"u9"/)
    expect(db.collections.users.has('u1')).toBe(true)
  })
})

describe('[F-real-40] [C2] rows are changed by writes only', () => {
  test('in development an assignment to a row throws where it is made', async () => {
    const { db } = await open()
    const { users } = db.collections
    for (const row of [users.get('u1'), users.toArray[0]]) {
      expect(() => void Object.assign(Object(row), { name: 'Eva' })).toThrow(/read only property 'name'/)
    }
    await users.update('u1', (draft) => void (draft.name = 'Eva')).when('settled')
    expect(users.get('u1')?.name).toBe('Eva')
  })

  test('[F-real-51] where a schema returns its input, a row that is changed here changes neither event nor log', async () => {
    const schema = z.any() as z.ZodType<{ id: string; name: string; tags: string[] }>
    const state = createStateSchema({ things: { schema, type: 'thing', primaryKey: 'id' } })
    const { url, append } = await openRoom([
      {
        type: 'thing',
        key: '1',
        value: { id: '1', name: 'a', tags: ['x'] },
        headers: { operation: 'insert' },
      },
    ])
    const events: ChangeEvent[] = []
    const db = createStreamDB({ streamOptions: { url }, state, onEvent: (event) => events.push(event) })
    onTestFinished(() => db.close())
    await db.preload()
    const { things } = db.collections
    await things
      .update('1', (draft) => {
        draft.name = 'b'
        draft.tags.push('y')
      })
      .when('settled')
    expect(plain(things.get('1'))).toEqual({ id: '1', name: 'b', tags: ['x', 'y'] })
    expect(events[0]?.value).toEqual({ id: '1', name: 'a', tags: ['x'] })
    // An event belongs to its observer: fields that it sets are no fields of the row that is handed out.
    Object.assign(Object(events.at(-1)?.value), { name: 'changed by an observer' })
    await append({
      type: 'thing',
      key: '2',
      value: { id: '2', name: 'c', tags: [] },
      headers: { operation: 'insert' },
    })
    await eventually(() => expect(things.size).toBe(2))
    expect(things.get('1')?.name).toBe('b')
  })
})

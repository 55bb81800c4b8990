import { canonical, eventually, logs, needs, oracle, unhandledRejections } from '@streamdb/testkit'
import { control, message, openRoom, plain, room, roomServer, rowsOf, user } from '@streamdb/testkit/rooms'
import fc from 'fast-check'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import {
  createLiveQueryCollection,
  createStateSchema,
  createStreamDB,
  eq,
  isChangeEvent,
} from '../src/index.ts'
import type { StateEvent } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

/** A room whose past has four transactions, and the offset behind each. */
async function openPast() {
  const opened = await openRoom([user('u1', 'Ada')])
  const offsets = [await opened.append(message('m1', 'u1', 'hello'))]
  offsets.push(await opened.append(user('u1', 'Bo'), message('m2', 'u1')))
  offsets.push(await opened.append(room.messages.delete({ key: 'm1' })))
  await opened.db.preload()
  return { ...opened, offsets }
}

describe('db.at', () => {
  test('[H6] shows the collections as they stood, through live queries and joins, and moves them as one publication', async () => {
    await needs('stamps')
    const { db, offsets } = await openPast()
    const past = db.at(offsets[0] ?? '')
    onTestFinished(() => past.close())
    const { users, messages } = past.collections
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ message: messages })
        .innerJoin({ user: users }, ({ message: { userId }, user: { id } }) => eq(userId, id))
        .select(({ message: { id, text }, user: { name } }) => ({ id, text, name })),
    )
    await past.preload()
    await joined.preload()
    const seen: unknown[] = []
    joined.subscribeChanges(() => seen.push(joined.toArray.map(plain)))
    expect(joined.toArray.map(plain)).toEqual([{ id: 'm1', text: 'hello', name: 'Ada' }])
    expect([past.offset, past.status]).toEqual([offsets[0], { name: 'ended', reason: 'not-live' }])
    await past.step(1)
    expect(seen).toEqual([
      [
        { id: 'm1', text: 'hello', name: 'Bo' },
        { id: 'm2', text: 'text of m2', name: 'Bo' },
      ],
    ])
    expect(past.position.get()).toMatchObject({ offset: offsets[1], behind: 3, ahead: 1 })
    await past.step(-2)
    expect(joined.toArray).toEqual([])
    expect(rowsOf(users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
    await past.moveTo(db.offset)
    expect([rowsOf(users), rowsOf(messages)]).toEqual([
      rowsOf(db.collections.users),
      rowsOf(db.collections.messages),
    ])
    // The database itself goes on.
    await past.moveTo('-1')
    expect([users.size, db.collections.users.size]).toEqual([0, 1])
  })

  test('[H7] refuses every write with what to do, and shows nothing of it', async () => {
    const { url, offsets } = await openPast()
    const db = createStreamDB({
      streamOptions: { url },
      state: room,
      actions: ({ db: own }) => ({
        add: { onMutate: (id: string) => void own.collections.users.insert({ id, name: id }) },
      }),
    })
    onTestFinished(() => db.close())
    const past = db.at(offsets[1] ?? '')
    onTestFinished(() => past.close())
    await past.preload()
    const { users } = past.collections
    const before = rowsOf(users)
    const refused = expect.objectContaining({
      code: 'read-only',
      message: expect.stringContaining('db.fork') as string,
    }) as Error
    expect(() => users.insert({ id: 'x', name: 'x' })).toThrow(refused)
    expect(() => users.update('u1', (draft) => void (draft.name = 'x'))).toThrow(refused)
    expect(() => users.delete('u1')).toThrow(refused)
    expect(() => past.actions.add('x')).toThrow(refused)
    expect(() => past.transact(() => users.delete('u1'))).toThrow(refused)
    expect(rowsOf(users)).toEqual(before)
  })

  test('[H4] [H6] a move that fails leaves everything where it was; a closed one rejects; the first load can fail and be tried again', async () => {
    await needs('stamps')
    const { db, offsets } = await openPast()
    const past = db.at(offsets[1] ?? '')
    // Before anything is loaded: it begins there.
    await past.moveTo(offsets[0] ?? '')
    expect(past.offset).toBe(offsets[0])
    await expect(past.moveTo('9'.repeat(16) + '_' + '9'.repeat(16))).rejects.toMatchObject({
      code: 'offset-beyond-end',
    })
    await expect(past.moveTo('now')).rejects.toMatchObject({ code: 'offset-invalid' })
    expect([past.offset, past.collections.messages.size]).toEqual([offsets[0], 1])
    // A slider: of moves that wait, the last one counts.
    const moves = [past.moveTo('-1'), past.moveTo(offsets[2] ?? ''), past.moveTo(offsets[1] ?? '')]
    await Promise.all(moves)
    expect(past.offset).toBe(offsets[1])
    past.close()
    past.close()
    await expect(past.step(1)).rejects.toMatchObject({ code: 'closed' })
    const nowhere = db.at('now')
    await expect(nowhere.preload()).rejects.toMatchObject({ code: 'offset-invalid' })
    expect(nowhere.status).toMatchObject({ name: 'failed', error: { code: 'offset-invalid' } })
    await nowhere.moveTo(offsets[0] ?? '')
    expect(nowhere.collections.messages.size).toBe(1)
    nowhere.close()
  })

  test('[H6] rows are validated and migrated as those of the present; an event that the schema refuses changes nothing', async () => {
    const kit = await roomServer()
    const put = (value: unknown, headers: object = {}): unknown => ({
      type: 'card',
      key: '7',
      value,
      headers: { operation: 'upsert', ...headers },
    })
    const url = await kit.createStream(undefined, { items: [put({ size: '5' })] })
    await kit.appendItems(url, [put({ size: 'large' })])
    await kit.appendItems(url, [put({ length: 8 }, { schemaVersion: 2 })])
    const state = createStateSchema({
      cards: {
        schema: z.object({ id: z.number(), length: z.coerce.number() }),
        type: 'card',
        primaryKey: 'id',
        key: 'event',
      },
    })
    const migrate = (_: string, { size }: Record<string, unknown>): unknown => ({ length: size })
    const db = createStreamDB({ streamOptions: { url }, state, version: 2, migrate, syncMode: 'on-demand' })
    onTestFinished(() => db.close())
    const past = db.at('-1')
    onTestFinished(() => past.close())
    const cards = createLiveQueryCollection((q) => q.from({ card: past.collections.cards }))
    await cards.preload()
    const states: unknown[] = []
    for (let step = 0; step < 4; step++) {
      states.push(cards.toArray.map(plain))
      await past.step(1)
    }
    expect(states).toEqual([[], [{ id: 7, length: 5 }], [{ id: 7, length: 5 }], [{ id: 7, length: 8 }]])
  })

  test('[H6] any log, stepped through forward and back: the collections equal the oracle', async () => {
    await needs('stamps')
    const state = createStateSchema({
      users: { schema: anything(), type: 'user', primaryKey: 'pk', key: 'event' },
      messages: { schema: anything(), type: 'message', primaryKey: 'pk', key: 'event' },
    })
    const kit = await roomServer()
    await fc.assert(
      fc.asyncProperty(logs({ objectsOnly: true, hostile: false, maxPieces: 5 }), async (log) => {
        const url = await kit.createStream()
        const places = ['-1']
        const events = log.map(withoutTxid)
        for (const event of events) places.push(await kit.appendItems(url, [event]))
        const db = createStreamDB({ streamOptions: { url }, state })
        const past = db.at('-1')
        const check = (): void => {
          const at = places.indexOf(past.offset)
          const rows = Object.entries(past.collections).flatMap(([name, collection]) =>
            collection.size === 0
              ? []
              : [[name.slice(0, -1), new Map(Object.entries(rowsOf(collection) as object))] as const],
          )
          const expected = oracle(events.slice(0, at))
          for (const [, keys] of expected)
            for (const [key, row] of keys) keys.set(key, { ...(row as object), pk: key })
          expect(canonical(new Map(rows))).toBe(canonical(expected))
        }
        await past.preload()
        for (const step of [1, 1, 2, 1, 50, -1, -1, -2, -50]) {
          await past.step(step)
          check()
        }
        past.close()
        db.close()
      }),
      { numRuns: 12 },
    )
  })

  test('[H6] an open snapshot of the log is not in it, and closing the database leaves the past open', async () => {
    const { db, append } = await openPast()
    const offset = await append(control('snapshot-start'), user('other'))
    const past = db.at(offset)
    db.close()
    await past.preload()
    expect(rowsOf(past.collections.users)).toEqual({ u1: { id: 'u1', name: 'Bo' } })
    await append(control('snapshot-end'))
    await past.step(1)
    expect(rowsOf(past.collections.users)).toEqual({ other: { id: 'other', name: 'name of other' } })
    expect(past.collections.messages.size).toBe(0)
    past.close()
    await eventually(() => expect(past.status).toEqual({ name: 'closed' }))
  })
})

/** Each event is a transaction of its own. */
function withoutTxid(event: StateEvent): StateEvent {
  return isChangeEvent(event) ? { ...event, headers: { ...event.headers, txid: undefined } } : event
}

/** A schema that takes any object as it is. */
function anything() {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value: unknown) => ({ value: value as Record<string, string> }),
    },
  } as const
}

import { eventually, unhandledRejections } from '@streamdb/testkit'
import { openProxied, room, roomServer, rowsOf, user } from '@streamdb/testkit/rooms'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { createStateSchema, createStreamDB } from '../src/index.ts'
import type { CreateStreamDBOptions, History } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

const board = createStateSchema({
  cards: {
    schema: z.object({
      id: z.number(),
      title: z.string(),
      note: z.string().optional(),
      tags: z.array(z.string()).optional(),
    }),
    type: 'card',
    primaryKey: 'id',
  },
  lists: { schema: z.object({ id: z.string(), name: z.string() }), type: 'list', primaryKey: 'id' },
})

async function openBoard(options: Partial<CreateStreamDBOptions<typeof board>> & { url?: string } = {}) {
  const opened = await openProxied<typeof board>({ state: board, history: true, ...options })
  const { history } = opened.db
  if (history === undefined) throw new Error('history was asked for')
  return { ...opened, history, ...opened.db.collections }
}

/** Takes a step, and waits until it is in the log. */
async function go(step: ReturnType<History['undo']>): Promise<number> {
  await step?.transaction?.when('settled')
  return step?.skipped.length ?? -1
}

test('db.history is undefined without the option', async () => {
  expect((await openProxied()).db.history).toBeUndefined()
})

test('undo and redo of insert, update (fields dropped and added), delete, and several collections', async () => {
  const { db, history, cards, lists, url } = await openBoard()
  const states: unknown[] = [snapshot()]
  function snapshot(): unknown {
    return { cards: rowsOf(cards), lists: rowsOf(lists) }
  }
  for (const write of [
    () => cards.insert({ id: 1, title: 'one', note: 'n' }),
    () =>
      cards.update(1, (draft) => {
        delete draft.note
        draft.tags = ['a', 'b']
      }),
    () =>
      db.transact(() => {
        lists.insert({ id: 'l', name: 'todo' })
        cards.update(1, (draft) => void (draft.title = 'two'))
        cards.insert({ id: 2, title: 'second' })
      }),
    () => cards.delete([1, 2]),
  ]) {
    await write().when('settled')
    states.push(snapshot())
  }
  for (let round = 0; round < 2; round++) {
    for (const state of states.slice(0, -1).reverse()) {
      expect(await go(history.undo())).toBe(0)
      expect(snapshot()).toEqual(state)
    }
    expect([history.canUndo, history.canRedo, history.undo()]).toEqual([false, true, undefined])
    for (const state of states.slice(1)) {
      expect(await go(history.redo())).toBe(0)
      expect(snapshot()).toEqual(state)
    }
    expect([history.canUndo, history.canRedo, history.redo()]).toEqual([true, false, undefined])
  }
  const reader = await openBoard({ url })
  expect({ cards: rowsOf(reader.cards), lists: rowsOf(reader.lists) }).toEqual(snapshot())
})

test('rows that others changed meanwhile are left alone, and reported', async () => {
  const { db, history, cards, url } = await openBoard()
  const other = await openBoard({ url })
  await db
    .transact(() =>
      cards.insert([
        { id: 1, title: 'mine' },
        { id: 2, title: 'mine' },
      ]),
    )
    .when('settled')
  await eventually(() => expect(other.cards.size).toBe(2))
  await other.cards.update(1, (draft) => void (draft.title = 'theirs')).when('settled')
  await eventually(() => expect(cards.get(1)?.title).toBe('theirs'))
  const step = history.undo()
  await step?.transaction?.when('settled')
  expect(step?.skipped).toEqual([
    { collection: 'cards', key: '1', expected: { id: 1, title: 'mine' }, found: { id: 1, title: 'theirs' } },
  ])
  expect(rowsOf(cards)).toEqual({ 1: { id: 1, title: 'theirs' } })
  // What others did is not ours to undo.
  expect(other.history.canUndo).toBe(true)
  await go(other.history.undo())
  await eventually(() => expect(cards.get(1)?.title).toBe('mine'))
})

test('an undo that fails can be retried; listeners are called', async () => {
  const { history, cards, proxy } = await openBoard()
  let heard = 0
  history.subscribe(() => heard++)
  await cards.insert({ id: 1, title: 'one' }).when('settled')
  expect(heard).toBe(1)
  proxy.fault({ kind: 'answer', status: 422 }, { match: /^POST/ })
  await expect(history.undo()?.transaction?.when('settled')).rejects.toMatchObject({ code: 'write-failed' })
  await eventually(() => expect([history.canUndo, history.canRedo, heard]).toEqual([true, false, 3]))
  expect(cards.size).toBe(1)
  await go(history.undo())
  expect(cards.size).toBe(0)
})

test('failed transactions are not recorded, a new one drops what was undone, and only the last are kept', async () => {
  const { history, cards, proxy } = await openBoard({ history: { limit: 3 } })
  proxy.fault({ kind: 'answer', status: 422 }, { match: /^POST/ })
  await cards
    .insert({ id: 9, title: 'refused' })
    .when('settled')
    .catch(() => undefined)
  expect(history.canUndo).toBe(false)
  for (let id = 1; id <= 5; id++) await cards.insert({ id, title: 'card' }).when('settled')
  await go(history.undo())
  expect(history.canRedo).toBe(true)
  await cards.insert({ id: 6, title: 'card' }).when('settled')
  expect(history.canRedo).toBe(false)
  while (history.canUndo) await go(history.undo())
  expect([...cards.keys()].sort()).toEqual(['1', '2'])
})

test('undo keeps its order after a failure, and redo leaves the rows alone that undo left alone', async () => {
  let refuse = false
  const fetch = vi.fn<typeof globalThis.fetch>((input, init) =>
    refuse && init?.method === 'POST'
      ? Promise.resolve(new Response(null, { status: 400 }))
      : globalThis.fetch(input, init),
  )
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [user('u1', '0'), user('u2', '0')] })
  const db = createStreamDB({ streamOptions: { url, fetch }, state: room, history: true })
  onTestFinished(() => db.close())
  await db.preload()
  const rename = (id: string, name: string) =>
    db.collections.users.update(id, (draft) => void (draft.name = name))
  await rename('u1', '1').when('settled')
  await rename('u1', '2').when('settled')
  refuse = true
  const undone = [db.history?.undo(), db.history?.undo()]
  for (const step of undone) await step?.transaction?.when('settled').catch(() => undefined)
  refuse = false
  await db.history?.undo()?.transaction?.when('settled')
  await db.history?.undo()?.transaction?.when('settled')
  expect(db.collections.users.get('u1')?.name).toBe('0')

  const both = db.transact(() => {
    rename('u1', 'mine')
    rename('u2', 'mine')
  })
  await both.when('settled')
  await kit.appendItems(url, [user('u2', 'theirs')])
  await eventually(() => expect(db.collections.users.get('u2')?.name).toBe('theirs'))
  const undo = db.history?.undo()
  expect(undo?.skipped.map(({ key }) => key)).toEqual(['u2'])
  await undo?.transaction?.when('settled')
  await kit.appendItems(url, [user('u2', '0')])
  await eventually(() => expect(db.collections.users.get('u2')?.name).toBe('0'))
  await db.history?.redo()?.transaction?.when('settled')
  expect([db.collections.users.get('u1')?.name, db.collections.users.get('u2')?.name]).toEqual(['mine', '0'])
})

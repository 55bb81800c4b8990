import { eventually } from '@streamdb/testkit'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createStateSchema, createStreamDB, dehydrate } from '../src/index.ts'
import { control, message, openRoom, quick, room, roomServer, rowsOf, user } from './rooms.ts'

// What a review found, each as small as it was seen.

test('[L4] a collection that is cleaned up and read again from inside a batch is read anew, not lost', async () => {
  const { db, append } = await openRoom([user('u1'), message('m1', 'u1')])
  await db.preload()
  let again = false
  db.collections.messages.subscribeChanges((changes) => {
    if (again || changes.length === 0) return
    again = true
    void db.collections.users.cleanup()
    void db.collections.users.preload()
  })
  await append(message('m2', 'u1'))
  await eventually(() => expect([...db.collections.users.keys()]).toEqual(['u1']))
  await eventually(() => expect([...db.collections.messages.keys()].sort()).toEqual(['m1', 'm2']))
})

test('[W1] a transaction under way is not for its caller to commit or to add to', async () => {
  const { db } = await openRoom()
  await db.preload()
  const transaction = db.collections.users.insert({ id: 'u1', name: 'Ada' })
  const refused = expect.objectContaining({ code: 'invalid-write' }) as Error
  expect(() => void transaction.commit()).toThrow(refused)
  expect(() => void transaction.mutate(() => undefined)).toThrow(refused)
  await transaction.when('settled')
  expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
})

test("another database's collection is not written by this one's transaction", async () => {
  const { db: one } = await openRoom()
  const { db: two } = await openRoom()
  await Promise.all([one.preload(), two.preload()])
  const both = () => {
    one.collections.users.insert({ id: 'u1', name: 'Ada' })
    two.collections.users.insert({ id: 'u2', name: 'Grace' })
  }
  expect(() => one.transact(both)).toThrow(expect.objectContaining({ code: 'invalid-write' }) as Error)
  expect([one.collections.users.size, two.collections.users.size]).toEqual([0, 0])
})

test('[C2] rows that a schema did not make are not touched', async () => {
  const shared = { id: 'u1', name: 'of the application' }
  const state = createStateSchema({
    users: {
      schema: { '~standard': { version: 1, vendor: 'own', validate: () => ({ value: shared }) } },
      type: 'user',
      primaryKey: 'id',
    },
  })
  const kit = await roomServer()
  const db = createStreamDB({
    streamOptions: { url: await kit.createStream(undefined, { items: [user('u1')] }) },
    state,
  })
  onTestFinished(() => db.close())
  await db.preload()
  expect(Object.isExtensible(shared)).toBe(true)
})

test('[L1] close() in a listener of the first status ends at once', async () => {
  const { db } = await openRoom()
  db.subscribeStatus(({ name }) => {
    if (name === 'connecting') db.close()
  })
  await expect(db.preload()).rejects.toMatchObject({ code: 'closed' })
  expect(db.status.name).toBe('closed')
})

test('[W4] a wait ends where the stream has ended', async () => {
  const { db, url } = await openRoom([user('u1')])
  await db.preload()
  const kit = await roomServer()
  const waiting = db.utils.awaitTxId('never', Infinity)
  await kit.closeStream(url)
  await expect(waiting).rejects.toMatchObject({ code: 'stream-ended' })
})

test('live: false has ended when preload() resolves, and when observers are called', async () => {
  const seen: string[] = []
  const { db } = await openRoom([user('u1')], { live: false, onBatch: () => void seen.push(db.status.name) })
  await db.preload()
  expect(db.status).toEqual({ name: 'ended', reason: 'not-live' })
  expect(seen).toEqual(['ended'])
})

test('a write to a stream that is created meanwhile is stored', async () => {
  const kit = await roomServer()
  const db = createStreamDB({
    streamOptions: { url: `${kit.url}/made-by-a-write` },
    state: room,
    createIfMissing: true,
    retry: quick,
  })
  onTestFinished(() => db.close())
  await db.collections.users.insert({ id: 'u1', name: 'Ada' }).when('settled')
  expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
})

test('what is not in the log is not dehydrated, nor half a snapshot', async () => {
  const { db, append } = await openRoom([user('u1')])
  await db.preload()
  const transaction = db.collections.users.insert({ id: 'u2', name: 'Grace' })
  expect(() => dehydrate(db)).toThrow(/writes are under way/)
  await transaction.when('settled')
  expect(dehydrate(db).items).toHaveLength(2)
  const offset = await append(control('snapshot-start'), user('u3'))
  await eventually(() => expect(db.offset).toBe(offset))
  expect(() => dehydrate(db)).toThrow(/snapshot/)
})

test('undo goes back in order where it failed, and redo leaves alone what undo left alone', async () => {
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

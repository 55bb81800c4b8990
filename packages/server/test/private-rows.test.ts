import { createLiveQueryCollection, createStateSchema, eq } from '@streamdb/db'
import { itemsOf } from '@streamdb/testkit'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { createStreamHandler } from '../src/index.ts'
import { authenticate, serve } from './gateway-kit.ts'
import type { User } from './gateway-kit.ts'
import { kit, stopKit } from './logs.ts'
import { openAs } from './open-as.ts'

afterAll(stopKit)

const note = z.object({ id: z.string(), author: z.string(), text: z.string() })
const state = createStateSchema({ notes: { schema: note, type: 'note', primaryKey: 'id' } })

/** The recipe of docs/security.md: one gateway, a stream for all and one for each. */
async function startNotes(): Promise<{ url: string; direct: string }> {
  const streams = await kit()
  const direct = `${streams.url}/private/${Math.random().toString(36).slice(2)}`
  const handler = createStreamHandler({
    ...{ state, authenticate, upstream: direct, path: '/notes/' },
    authorizeRead: ({ user, stream }) => mayOpen(user, stream),
    authorizeStream: ({ user, stream, operation }) => operation === 'create' && mayOpen(user, stream),
    authorize: ({ row, event, user, stream }) =>
      mayOpen(user, stream) && (row ?? event.value)?.author === user.id && event.value?.author !== '',
  })
  return { url: `${await serve(handler)}/notes`, direct }
}

function mayOpen(user: User, stream: string): boolean {
  return stream === 'shared' || stream === `of/${user.id}`
}

function open(url: string, user: string) {
  return openAs(user, { url, state, onMissing: 'create' })
}

/** Resolves with the status of a database that may not read. */
function needsAuth(db: NotesDB): Promise<object> {
  return new Promise((resolve) => {
    db.subscribeStatus((status) => void (status.name === 'needs-auth' && resolve(status)))
  })
}

type NotesDB = ReturnType<typeof open>

/** First where it goes, then where it was: at no moment is it nowhere, and it may be done again. */
async function move(id: string, from: NotesDB, to: NotesDB): Promise<void> {
  const row = from.collections.notes.get(id)
  if (row === undefined) return
  if (!to.collections.notes.has(id)) await to.collections.notes.insert(row).when('settled')
  await from.collections.notes.delete(id).when('settled')
}

test('[AZ10] streams are cut by principal: nobody reads or writes in the stream of another, and all is one to its owner', async () => {
  const { url } = await startNotes()
  const [shared, own] = [open(`${url}/shared`, 'ada'), open(`${url}/of/ada`, 'ada')]
  await Promise.all([shared.preload(), own.preload()])
  await shared.collections.notes.insert({ id: '1', author: 'ada', text: 'for all' }).when('settled')
  await own.collections.notes.insert({ id: '2', author: 'ada', text: 'for me' }).when('settled')

  // Both are one list to Ada.
  const all = createLiveQueryCollection({
    startSync: true,
    query: (q) =>
      q
        .from({ mine: own.collections.notes })
        .fullJoin({ shared: shared.collections.notes }, ({ mine, shared: theirs }) => eq(mine.id, theirs.id)),
  })
  await all.preload()
  expect(all.toArray.map(({ mine, shared: theirs }) => (theirs ?? mine)?.text).sort()).toEqual([
    'for all',
    'for me',
  ])

  const spy = open(`${url}/of/ada`, 'bob')
  spy.preload().catch(() => undefined)
  expect(await needsAuth(spy)).toMatchObject({
    error: { status: 403, body: { error: { code: 'forbidden' } } },
  })
  expect(spy.collections.notes.size).toBe(0)
  const post = await fetch(`${url}/of/ada`, {
    method: 'POST',
    headers: { authorization: 'Bearer bob', 'content-type': 'application/json' },
    body: JSON.stringify([state.notes.insert({ value: { id: '3', author: 'bob', text: 'x' } })]),
  })
  expect(post.status).toBe(403)
  const snapshot = await fetch(`${url}/of/ada.snapshots?offset=-1`, {
    headers: { authorization: 'Bearer bob' },
  })
  expect(snapshot.status).toBe(403)
})

test('[AZ10] a row is moved: first where it goes, then where it was; broken off between, it is moved again', async () => {
  const { url, direct } = await startNotes()
  const [shared, own] = [open(`${url}/shared`, 'ada'), open(`${url}/of/ada`, 'ada')]
  await Promise.all([shared.preload(), own.preload()])
  for (const id of ['1', '2'])
    await own.collections.notes.insert({ id, author: 'ada', text: id }).when('settled')
  await move('1', own, shared)
  expect([own.collections.notes.has('1'), shared.collections.notes.has('1')]).toEqual([false, true])

  // It broke off behind the first half: the row is in both, and in neither twice.
  await shared.collections.notes.insert({ id: '2', author: 'ada', text: '2' }).when('settled')
  await move('2', own, shared)
  await move('2', own, shared)
  expect([own.collections.notes.has('2'), shared.collections.notes.has('2')]).toEqual([false, true])
  const events = await itemsOf<{ key: string }>(await fetch(`${direct}/shared?offset=-1`))
  expect(events.map(({ key }) => key)).toEqual(['1', '2'])
  // Others read what was shared from then on, and never what was not.
  const idsOfBob = async (): Promise<string[]> => {
    const bobs = open(`${url}/shared`, 'bob')
    await bobs.preload()
    return bobs.collections.notes.toArray.map(({ id }) => id)
  }
  expect(await idsOfBob()).toEqual(['1', '2'])
  await move('2', shared, own)
  expect(await idsOfBob()).toEqual(['1'])
})

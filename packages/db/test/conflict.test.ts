import { createManualLog, eventually, logOf, unhandledRejections } from '@streamdb/testkit'
import { control, openProxied, room, roomServer, rowsOf } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type { Conflict, StreamDBError } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

interface MessageRow {
  id: string
  userId: string
  text: string
  likes: number
}

const first = room.messages.insert({ value: { id: 'm', userId: 'u', text: 'start', likes: 0 } })

/** Keeps both texts, and the higher count. */
function merge({ theirs, ours }: Conflict<MessageRow>): MessageRow | undefined {
  return (
    theirs && { ...ours, text: `${theirs.text} + ${ours.text}`, likes: Math.max(theirs.likes, ours.likes) }
  )
}

test('two writers online, one after the other: no conflict', async () => {
  const seen: unknown[] = []
  const onConflict = { messages: (conflict: Conflict<MessageRow>) => void seen.push(conflict) }
  const one = await openProxied<Room>({ items: [first], onConflict })
  const two = await openProxied<Room>({ url: one.url, onConflict })
  let likes = 0
  for (const { db } of [one, two, one, two, one, two]) {
    await eventually(() => expect(db.collections.messages.get('m')?.likes).toBe(likes))
    likes++
    await db.collections.messages.update('m', (draft) => void (draft.likes = likes)).when('settled')
  }
  expect(seen).toEqual([])
})

test('two writers offline: the second to be stored gets the conflict, and its merged row is a new update', async () => {
  const seen: Conflict<MessageRow>[] = []
  const one = await openProxied<Room>({ items: [first] })
  const two = await openProxied<Room>({
    url: one.url,
    onConflict: {
      messages: (conflict) => {
        seen.push(conflict)
        return merge(conflict)
      },
    },
  })
  await two.proxy.refuse()
  const late = two.db.collections.messages.update('m', (draft) => void (draft.text = 'two'))
  await one.db.collections.messages
    .update('m', (draft) => void Object.assign(draft, { text: 'one', likes: 5 }))
    .when('settled')
  await two.proxy.heal()
  await late.when('settled')
  const merged = { id: 'm', userId: 'u', text: 'one + two', likes: 5 }
  for (const { db } of [one, two]) {
    await eventually(() => expect(rowsOf(db.collections.messages)).toEqual({ m: merged }))
  }
  expect(seen).toEqual([
    {
      base: { id: 'm', userId: 'u', text: 'start', likes: 0 },
      theirs: { id: 'm', userId: 'u', text: 'one', likes: 5 },
      ours: { id: 'm', userId: 'u', text: 'two', likes: 0 },
    },
  ])
  await eventually(async () =>
    expect((await logOf(one.url)).map(({ headers }) => headers.operation)).toHaveLength(4),
  )
})

test('later own updates are not undone by the merge: onConflict is called once, after the last is stored', async () => {
  const log = createManualLog()
  const seen: Conflict<MessageRow>[] = []
  log.append([first])
  const db = createStreamDB({
    streamOptions: { url: 'http://stream.test/room', fetch: log.fetch, warnOnHttp: false },
    state: room,
    live: 'long-poll',
    onConflict: {
      messages: (conflict) => {
        seen.push(conflict)
        return merge(conflict)
      },
    },
  })
  await db.preload()
  const type = (text: string): unknown =>
    db.collections.messages.update('m', (draft) => void (draft.text = text))
  type('a')
  await eventually(() => expect(log.waiting).toBe(1))
  type('ab')
  log.append([room.messages.update({ value: { id: 'm', userId: 'u', text: 'theirs', likes: 9 } })])
  log.decide('store')
  await eventually(() => expect(log.waiting).toBe(1))
  type('abc')
  log.decide('store')
  await eventually(() => expect(log.waiting).toBe(1))
  expect(seen).toEqual([])
  log.decide('store')
  await eventually(() => expect(log.waiting).toBe(1))
  log.decide('store')
  await eventually(() => expect(db.pendingWrites).toEqual([]))
  expect(seen.map(({ theirs, ours }) => [theirs?.text, ours.text])).toEqual([['theirs', 'abc']])
  expect(db.collections.messages.get('m')?.text).toBe('theirs + abc')
  db.close()
})

test('[F-event-9] a handler that throws, or that returns what the schema refuses, is reported', async () => {
  const errors: StreamDBError[] = []
  let answer: () => MessageRow = () => {
    throw new Error('mistake')
  }
  const one = await openProxied<Room>({ items: [first] })
  const two = await openProxied<Room>({
    url: one.url,
    onConflict: { messages: () => answer() },
    onError: (error) => errors.push(error),
  })
  for (const [round, wanted] of [/mistake/, /Cannot update "messages"/].entries()) {
    await two.proxy.refuse()
    const late = two.db.collections.messages.update('m', (draft) => void (draft.text = `two ${round}`))
    await one.db.collections.messages
      .update('m', (draft) => void (draft.text = `one ${round}`))
      .when('settled')
    await two.proxy.heal()
    await late.when('settled')
    await eventually(() => expect(errors.at(round)?.message).toMatch(wanted))
    await eventually(() => expect(one.db.collections.messages.get('m')?.text).toBe(`two ${round}`))
    // Not what the schema takes, on purpose.
    answer = () => ({ id: 'm', userId: 'u', text: 5 as unknown as string, likes: 0 })
  }
})

test('a row that others deleted meanwhile: `theirs` is absent; a later deletion stands', async () => {
  const seen: Conflict<MessageRow>[] = []
  const one = await openProxied<Room>({ items: [first] })
  const two = await openProxied<Room>({
    url: one.url,
    onConflict: { messages: (conflict) => void seen.push(conflict) },
  })
  await two.proxy.refuse()
  const late = two.db.collections.messages.update('m', (draft) => void (draft.text = 'two'))
  await one.db.collections.messages.delete('m').when('settled')
  await two.proxy.heal()
  await late.when('settled')
  await eventually(() => expect(seen).toMatchObject([{ theirs: undefined, ours: { text: 'two' } }]))
  await eventually(() => expect(one.db.collections.messages.get('m')?.text).toBe('two'))
})

const theirs = room.messages.upsert({ value: { id: 'm', userId: 'u', text: 'theirs', likes: 9 } })

/** A room on a log whose appends wait, the conflicts that it saw, and an update of ours that is under way. */
async function openUpdating() {
  const log = createManualLog()
  const seen: Conflict<MessageRow>[] = []
  log.append([first])
  const db = createStreamDB({
    streamOptions: { url: 'http://stream.test/room', fetch: log.fetch, warnOnHttp: false },
    state: room,
    live: 'long-poll',
    onConflict: { messages: (conflict) => void seen.push(conflict) },
  })
  onTestFinished(() => db.close())
  await db.preload()
  const update = db.collections.messages.update('m', (draft) => void (draft.text = 'ours'))
  await eventually(() => expect(log.waiting).toBe(1))
  const append = (events: readonly unknown[]): void => log.append(events as Parameters<typeof log.append>[0]) // events of ours
  return { db, log, seen, update, append }
}

test.each<[string, readonly unknown[], unknown]>([
  ['a reset drops the row', [control('reset')], undefined],
  ['a reset drops the row, and it is written anew', [control('reset'), theirs], 'theirs'],
  ['a snapshot does not have the row', [control('snapshot-start'), control('snapshot-end')], undefined],
  ['a snapshot has another', [control('snapshot-start'), theirs, control('snapshot-end')], 'theirs'],
])('[F-real-19] %s while an update is under way: its handler is told', async (_what, events, text) => {
  const { log, seen, update, append } = await openUpdating()
  append(events)
  log.decide('store')
  await update.when('settled')
  await eventually(() => expect(seen).toHaveLength(1))
  expect(seen.map((each) => [each.theirs?.text, each.ours.text])).toEqual([[text, 'ours']])
})

test.each<[string, readonly unknown[]]>([
  ['has the row as it was', [control('snapshot-start'), first, control('snapshot-end')]],
  [
    'is dropped by a later one',
    [control('snapshot-start'), theirs, control('snapshot-start'), first, control('snapshot-end')],
  ],
])('[F-real-19] a snapshot that %s is no conflict', async (_what, events) => {
  const { db, log, seen, update, append } = await openUpdating()
  append(events)
  log.decide('store')
  await update.when('settled')
  await eventually(() => expect(db.offset).toBe(log.end))
  expect(seen).toEqual([])
})

test('[F-real-65] an action whose server writes under another txid ends its watch: later conflicts are told', async () => {
  const log = createManualLog()
  const seen: Conflict<MessageRow>[] = []
  log.append([first])
  const db = createStreamDB({
    streamOptions: { url: 'http://stream.test/room', fetch: log.fetch, warnOnHttp: false },
    state: room,
    live: 'long-poll',
    onConflict: { messages: (conflict) => void seen.push(conflict) },
    actions: ({ db: own }) => ({
      rename: {
        onMutate: (text: string) =>
          void own.collections.messages.update('m', (draft) => void (draft.text = text)),
        mutationFn: (text: string) => {
          const value = { id: 'm', userId: 'u', text, likes: 0 }
          log.append([room.messages.update({ value, headers: { txid: `server ${text}` } })])
          return Promise.resolve({ txid: `server ${text}` })
        },
      },
    }),
  })
  onTestFinished(() => db.close())
  await db.preload()
  await db.actions.rename('by the server').when('settled')
  await db.actions.rename('again').when('settled')
  expect(seen).toEqual([])
  const update = db.collections.messages.update('m', (draft) => void (draft.text = 'ours'))
  await eventually(() => expect(log.waiting).toBe(1))
  log.append([theirs] as Parameters<typeof log.append>[0])
  log.decide('store')
  await update.when('settled')
  await eventually(() => expect(seen.map((each) => each.theirs?.text)).toEqual(['theirs']))
})

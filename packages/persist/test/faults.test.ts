import { createStateSchema, createStreamDB, dehydrate } from '@streamdb/db'
import type { CreateStreamDBOptions, DehydratedStream, StreamDB } from '@streamdb/db'
import type { RestartReason, StreamDBError, StreamStorage } from '@streamdb/log'
import { eventually } from '@streamdb/testkit'
import { openRoom, quick, room, roomServer, rowsOf } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createMemoryBlocks, createStorage, createStreamStore } from '../src/index.ts'
import type { Block, Blocks, BlockStore } from '../src/index.ts'

/** A user's row, as an application of version 1 writes it. */
function user(id: string, name: string): unknown {
  return { type: 'user', key: id, value: { id, name }, headers: { operation: 'upsert' } }
}

/** A stream, what is stored of it, and a way to look into that. */
interface Stored {
  readonly url: string
  readonly path: string
  readonly blocks: BlockStore
  readonly storage: StreamStorage
  readonly opened: Blocks
}

/** Stores what a stream holds; `extra`: appended one by one. */
async function store(items: readonly unknown[], extra: readonly unknown[] = []): Promise<Stored> {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items })
  for (const item of extra) await kit.appendItems(url, [item])
  const blocks = createMemoryBlocks()
  const storage = createStorage(createStreamStore(blocks))
  const { db } = await openRoom([], { url, storage })
  await db.preload()
  await db.storage?.flush()
  db.close()
  return { url, path: new URL(url).pathname, blocks, storage, opened: await blocks.open(` ${url}`) }
}

interface Reopened {
  readonly db: StreamDB<Room>
  readonly restarts: RestartReason[]
  readonly errors: StreamDBError[]
  /** Everything that was shown, one list of names a publication. */
  readonly shown: string[][]
}

function reopen({ url, storage }: Stored, options: Partial<CreateStreamDBOptions<Room>> = {}): Reopened {
  const errors: StreamDBError[] = []
  const restarts: RestartReason[] = []
  const shown: string[][] = []
  const onError = (error: StreamDBError): void => void errors.push(error)
  const db = createStreamDB({
    streamOptions: { url },
    state: room,
    storage,
    retry: quick,
    onError,
    ...options,
  })
  onTestFinished(() => db.close())
  db.observe({ onRestart: (reason) => void restarts.push(reason) })
  db.collections.users.subscribeChanges((changes) => {
    if (changes.length > 0) shown.push([...db.collections.users.values()].map(({ name }) => name))
  })
  return { db, restarts, errors, shown }
}

async function blocksOf(opened: Blocks): Promise<Map<string, Block | undefined>> {
  const keys = [...(await opened.list(''))].sort()
  const found = new Map<string, Block | undefined>()
  let index = 0
  for await (const block of opened.read(keys)) found.set(keys[index++] ?? '', block)
  return found
}

const names = (db: StreamDB<Room>): string[] => [...db.collections.users.values()].map(({ name }) => name)

describe('what does not add up', () => {
  test('[S5] another stream under the same URL, as long as the first: replaced in one change', async () => {
    const kit = await roomServer()
    const stored = await store([user('u1', 'Ada'), user('u2', 'Bob')])
    await kit.deleteStream(stored.url)
    await kit.createStream(stored.path, { items: [user('u8', 'Eve'), user('u9', 'Mallory')] })
    const { db, restarts, shown } = reopen(stored)
    await db.preload()
    await eventually(() => expect(names(db)).toEqual(['Eve', 'Mallory']))
    expect(restarts).toEqual(['stream-replaced'])
    expect(shown).toEqual([
      ['Ada', 'Bob'],
      ['Eve', 'Mallory'],
    ])
    await db.storage?.flush()
    db.close()
    const again = reopen(stored)
    await again.db.preload()
    expect([names(again.db), again.restarts]).toEqual([['Eve', 'Mallory'], []])
  })

  test('[S5] a stream that was restored shorter', async () => {
    const kit = await roomServer()
    const stored = await store([user('u1', 'Ada')], [user('u2', 'Bob'), user('u3', 'Cyd')])
    await kit.deleteStream(stored.url)
    await kit.createStream(stored.path, { items: [user('u1', 'Ada')] })
    const { db, restarts } = reopen(stored)
    await db.preload()
    await eventually(() => expect(names(db)).toEqual(['Ada']))
    expect(restarts).toHaveLength(1)
  })

  test('[S5] an offset that the server has no more (410): optimistic rows stay on top, and the status says why', async () => {
    const stored = await store([user('u1', 'Ada'), user('u2', 'Bob')])
    let isGone = true
    let open = (): void => undefined
    const gate = new Promise<void>((resolve) => (open = resolve))
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const offset = url.searchParams.get('offset')
      if ((init?.method ?? 'GET') === 'POST') await gate
      if (isGone && offset !== null && offset !== '-1' && offset !== 'now') {
        isGone = false
        return new Response('', { status: 410 })
      }
      return globalThis.fetch(input, init)
    }
    const { db, restarts } = reopen(stored, { streamOptions: { url: stored.url, fetch } })
    const seen: string[][] = []
    db.storage?.status.subscribe(() => {
      const status = db.storage?.status.get()
      if (status?.name === 'rebuilding') seen.push([status.name, status.reason])
    })
    db.subscribeStatus(({ name }) => {
      if (name === 'catching-up') db.collections.users.insert({ id: 'u3', name: 'Cyd' })
    })
    await db.preload()
    await eventually(() => expect(restarts).toEqual(['stream-gone']))
    expect(names(db)).toContain('Cyd')
    expect(seen).toEqual([['rebuilding', 'stream-gone']])
    open()
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(names(db)).toEqual(['Ada', 'Bob', 'Cyd'])
  })

  test.each<
    [string, (blocks: Map<string, Block | undefined>) => readonly (readonly [string, Block | undefined])[]]
  >([
    [
      'a byte of a chunk',
      (all) =>
        [...all]
          .filter(([key]) => key.startsWith('chunk:'))
          .map(([key, block]) => [key, String(block).replace('Ada', 'Eda')]),
    ],
    [
      'a chunk is missing',
      (all) => [...all].filter(([key]) => key.startsWith('chunk:')).map(([key]) => [key, undefined]),
    ],
    [
      'a change is missing',
      (all) => [...all].filter(([key]) => key.startsWith('log:')).map(([key]) => [key, undefined]),
    ],
    ['the head is cut', (all) => [['head', String(all.get('head')).slice(0, 40)]]],
    ['the head is something else', () => [['head', '811c9dc5']]],
    [
      'a chunk is another one',
      (all) =>
        [...all]
          .filter(([key]) => key.startsWith('chunk:'))
          .map(([key]) => [key, all.get([...all.keys()].find((each) => each.startsWith('log:')) ?? '')]),
    ],
  ])('[S5] %s: the log is read again, and stored again', async (_, damage) => {
    const stored = await store([user('u1', 'Ada'), user('u2', 'Bob')])
    const first = reopen(stored)
    await first.db.preload()
    await (await roomServer()).appendItems(stored.url, [user('u3', 'Cyd')])
    await eventually(() => expect(names(first.db)).toHaveLength(3))
    await first.db.storage?.flush()
    first.db.close()
    const damaged = damage(await blocksOf(stored.opened))
    expect(damaged.length).toBeGreaterThan(0)
    await stored.opened.write({
      put: damaged.flatMap(([key, block]) => (block === undefined ? [] : [[key, block] as const])),
      remove: damaged.flatMap(([key, block]) => (block === undefined ? [key] : [])),
    })
    const { db, restarts } = reopen(stored)
    await db.preload()
    expect(names(db)).toEqual(['Ada', 'Bob', 'Cyd'])
    expect(restarts).toEqual(['storage-corrupt'])
    await db.storage?.flush()
    db.close()
    const again = reopen(stored)
    await again.db.preload()
    expect([names(again.db), again.restarts]).toEqual([['Ada', 'Bob', 'Cyd'], []])
  })

  test('[S5] rows of a type that was not stored: shown behind the stored ones, once the log is read', async () => {
    const kit = await roomServer()
    const blocks = createMemoryBlocks()
    const storage = createStorage(createStreamStore(blocks))
    const url = await kit.createStream(undefined, {
      items: [
        user('u1', 'Ada'),
        { type: 'note', key: 'n1', value: { id: 'n1' }, headers: { operation: 'insert' } },
      ],
    })
    const first = await openRoom([], { url, storage })
    await first.db.preload()
    await first.db.storage?.flush()
    first.db.close()
    const state = createStateSchema({
      users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
      notes: { schema: z.object({ id: z.string() }), type: 'note', primaryKey: 'id' },
    })
    const db = createStreamDB({ streamOptions: { url }, state, storage })
    onTestFinished(() => db.close())
    const restarts: RestartReason[] = []
    db.observe({ onRestart: (reason) => void restarts.push(reason) })
    await db.preload()
    expect(restarts).toEqual(['storage-incomplete'])
    expect([db.collections.users.size, db.collections.notes.size]).toEqual([1, 1])
  })
})

describe('what cannot be used', () => {
  test('[S6] rows of a newer version of the application, and a newer format, are left untouched', async () => {
    const stored = await store([user('u1', 'Ada')])
    const newer = reopen(stored, { version: 2, migrate: (_, value) => value })
    await newer.db.preload()
    await newer.db.storage?.flush()
    newer.db.close()
    const before = await blocksOf(stored.opened)
    const older = reopen(stored)
    await older.db.preload()
    await (await roomServer()).appendItems(stored.url, [user('u2', 'Bob')])
    await eventually(() => expect(names(older.db)).toEqual(['Ada', 'Bob']))
    await older.db.storage?.flush()
    expect(older.db.storage?.status.get()).toMatchObject({
      name: 'unavailable',
      error: { code: 'storage-newer' },
    })
    expect(older.errors.map(({ code }) => code)).toEqual(['storage-newer'])
    expect(await blocksOf(stored.opened)).toEqual(before)

    await stored.opened.write({ put: [['format', '99']] })
    const format = await blocksOf(stored.opened)
    const other = reopen(stored, { version: 2, migrate: (_, value) => value })
    await other.db.preload()
    await other.db.storage?.flush()
    expect(other.errors.map(({ code }) => code)).toEqual(['storage-newer'])
    expect(await blocksOf(stored.opened)).toEqual(format)
  })

  test('[S6] a store that dies while it is used: reading goes on, and what is stored stays whole', async () => {
    const stored = await store([user('u1', 'Ada')])
    let isBroken = false
    const dying: BlockStore = {
      async open(id) {
        const blocks = await stored.blocks.open(id)
        const write: Blocks['write'] = (change) =>
          isBroken ? Promise.reject(new TypeError('the disk is gone')) : blocks.write(change)
        return { ...blocks, write }
      },
    }
    const { db, errors } = reopen({ ...stored, storage: createStorage(createStreamStore(dying)) })
    await db.preload()
    isBroken = true
    await (await roomServer()).appendItems(stored.url, [user('u2', 'Bob')])
    await eventually(() => expect(errors.map(({ code }) => code)).toEqual(['storage-failed']))
    await (await roomServer()).appendItems(stored.url, [user('u3', 'Cyd')])
    await eventually(() => expect(names(db)).toEqual(['Ada', 'Bob', 'Cyd']))
    await db.storage?.flush()
    expect(db.storage?.status.get()).toMatchObject({ name: 'unavailable' })
    db.close()
    const again = reopen(stored)
    await again.db.preload()
    expect(again.shown[0]).toEqual(['Ada'])
    await eventually(() => expect(names(again.db)).toEqual(['Ada', 'Bob', 'Cyd']))
  })

  test('[S6] a codec that does not know the key any more: the log is read again', async () => {
    const codecOf = (mark: string) => ({
      encode: (text: string) => mark + text,
      decode(block: Block) {
        if (typeof block !== 'string' || !block.startsWith(mark)) throw new TypeError('another key')
        return block.slice(mark.length)
      },
    })
    const blocks = createMemoryBlocks()
    const { db, url } = await openRoom([user('u1', 'Ada')], {
      storage: createStorage(createStreamStore(blocks, { codec: codecOf('a') })),
    })
    await db.preload()
    await db.storage?.flush()
    db.close()
    const again = await openRoom([], {
      url,
      storage: createStorage(createStreamStore(blocks, { codec: codecOf('b') })),
    })
    await again.db.preload()
    expect(names(again.db)).toEqual(['Ada'])
  })
})

describe('hydrated and stored rows', () => {
  async function rendered(url: string): Promise<DehydratedStream> {
    const db = createStreamDB({ streamOptions: { url }, state: room, live: false })
    await db.preload()
    db.close()
    return dehydrate(db)
  }

  test('[S8] hydrated rows that are further are shown, and stored', async () => {
    const kit = await roomServer()
    const stored = await store([user('u1', 'Ada')])
    await kit.appendItems(stored.url, [
      user('u2', 'Bob'),
      { type: 'user', key: 'u1', headers: { operation: 'delete' } },
    ])
    const hydrate = await rendered(stored.url)
    const { db, shown } = reopen(stored, { hydrate })
    expect(names(db)).toEqual(['Bob'])
    await db.preload()
    await db.storage?.flush()
    expect(shown.flat()).not.toContain('Ada')
    db.close()
    const again = reopen(stored)
    await again.db.preload()
    expect(again.shown[0]).toEqual(['Bob'])
  })

  test('[S8] stored rows that are further take the place of hydrated ones', async () => {
    const kit = await roomServer()
    const stored = await store([user('u1', 'Ada')])
    const hydrate = await rendered(stored.url)
    await kit.appendItems(stored.url, [
      user('u2', 'Bob'),
      { type: 'user', key: 'u1', headers: { operation: 'delete' } },
    ])
    const between = reopen(stored)
    await between.db.preload()
    await between.db.storage?.flush()
    between.db.close()
    const fetch = (): Promise<Response> => Promise.reject(new TypeError('fetch failed'))
    const { db } = reopen(stored, { hydrate, streamOptions: { url: stored.url, fetch } })
    expect(names(db)).toEqual(['Ada'])
    await db.preload()
    expect(names(db)).toEqual(['Bob'])
  })
})

describe('schemas that change', () => {
  const strict = createStateSchema({
    users: { schema: z.object({ id: z.string(), name: z.string().max(3) }), type: 'user', primaryKey: 'id' },
  })

  test('[S4] a row that was refused is taken by a schema that takes it', async () => {
    const kit = await roomServer()
    const url = await kit.createStream(undefined, {
      items: [user('u1', 'Ada'), user('u2', 'Robert'), user('u1', 'Adelaide')],
    })
    const storage = createStorage(createStreamStore(createMemoryBlocks()))
    const first = createStreamDB({ streamOptions: { url }, state: strict, storage })
    await first.preload()
    expect(rowsOf(first.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
    await first.storage?.flush()
    first.close()
    const { db } = await openRoom([], { url, storage })
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual({
      u1: { id: 'u1', name: 'Adelaide' },
      u2: { id: 'u2', name: 'Robert' },
    })
  })

  test('[S4] [V1] stored rows of an earlier version are migrated, once', async () => {
    const kit = await roomServer()
    const url = await kit.createStream(undefined, { items: [user('u1', 'Ada')] })
    const storage = createStorage(createStreamStore(createMemoryBlocks()))
    const first = await openRoom([], { url, storage })
    await first.db.preload()
    await first.db.storage?.flush()
    first.db.close()
    let migrated = 0
    const migrate = (_: string, value: Record<string, unknown>): unknown => {
      migrated++
      return { ...value, name: `${String(value['name'])}!` }
    }
    for (let round = 0; round < 3; round++) {
      const { db } = await openRoom([], { url, storage, version: 2, migrate })
      await db.preload()
      expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada!' } })
      await db.storage?.flush()
      db.close()
    }
    expect(migrated).toBe(1)
  })
})

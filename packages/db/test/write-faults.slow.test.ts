import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MaterializedState } from '@streamdb/state'
import { eventually, logOf, startFaultProxy, startStreamServer, unhandledRejections } from '@streamdb/testkit'
import type { Fault, FaultProxy, StreamServer } from '@streamdb/testkit'
import { room, rowsOf } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type { StreamDB } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(() => expect(unhandled).toEqual([]))

const seed = Number(process.env['STREAMDB_SEED'] ?? 20)
const writers = 4
const transactionsEach = 250
const restarts = 3

/** What befalls a request, and how often. The answer to an append is lost when it is cut: the server has stored it. */
const faults: readonly (readonly [share: number, method: string, fault: Fault])[] = [
  [0.12, 'POST', { kind: 'cut', after: 'nothing', by: 'rst' }],
  [0.05, 'POST', { kind: 'cut', after: 'nothing', by: 'fin' }],
  [0.08, 'POST', { kind: 'drop', by: 'rst' }],
  [0.03, 'POST', { kind: 'blackhole' }],
  [0.05, 'POST', { kind: 'answer', status: 503 }],
  [0.1, 'POST', { kind: 'delay', ms: 20 }],
  [0.15, 'GET', { kind: 'cut', after: 200, by: 'rst' }],
  [0.1, 'GET', { kind: 'cut', after: 'nothing' }],
  [0.05, 'GET', { kind: 'drop' }],
  [0.1, 'GET', { kind: 'delay', ms: 10 }],
]

test('[W2][F-write-3] 1,000 transactions by 4 writers under faults and restarts are in the log exactly once, and all clients are equal', async () => {
  const random = randomFrom(seed)
  const dataDir = await mkdtemp(join(tmpdir(), 'streamdb-'))
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }))
  const kit = await startStreamServer({ dataDir })
  onTestFinished(() => kit.stop())
  let appends = oneAtATime(kit)
  const url = await kit.createStream()
  const clients = await Promise.all(Array.from({ length: writers }, () => openClient(kit.url, url, random)))
  const began = performance.now()

  let settled = 0
  const acknowledged = new Map<string, number>()
  const failures: unknown[] = []
  const working = clients.map(async ({ db }, writer) => {
    const own: Promise<void>[] = []
    for (let each = 0; each < transactionsEach; each++) {
      const transaction = write(db, `${writer}-${each}`, random)
      const txid = db.writeOf(transaction)?.txid ?? ''
      own.push(
        transaction
          .when('settled')
          .then(
            () => void acknowledged.set(txid, transaction.mutations.length),
            (error: unknown) => void failures.push(error),
          )
          .finally(() => void settled++),
      )
      // Sometimes many at once, sometimes after all before are settled.
      if (random() < 0.3) await new Promise(setImmediate)
      if (random() < 0.05) await Promise.all(own)
    }
    await Promise.all(own)
  })
  const restarting = (async () => {
    for (let restart = 1; restart <= restarts; restart++) {
      const due = (restart * writers * transactionsEach) / (restarts + 1)
      await eventually(() => expect(settled).toBeGreaterThan(due), { timeout: 40_000 })
      // In mid append: what is under way is written to the file, and its producer may be forgotten.
      const idle = appends.end()
      await kit.stop()
      // One that its closed store never ends has died with it.
      await Promise.race([idle, new Promise((resolve) => setTimeout(resolve, 500))])
      await kit.restart()
      appends = oneAtATime(kit)
    }
  })()
  await Promise.all([...working, restarting])
  const took = performance.now() - began

  for (const { proxy } of clients) await proxy.heal()
  const log = await logOf(url)
  const times = new Map<string, number>()
  for (const { headers } of log) times.set(String(headers.txid), (times.get(String(headers.txid)) ?? 0) + 1)
  const requests = clients.map(({ proxy }) => proxy.requests.filter(({ method }) => method === 'POST').length)
  console.info(
    `[exactly once] seed ${seed}: ${acknowledged.size} acknowledged, ${failures.length} failed, ${log.length} events, ` +
      `${requests.join(' + ')} POST, ${clients.map(({ struck }) => struck()).join(' + ')} faults, ${restarts} restarts, ${Math.round(took)} ms`,
  )
  expect(failures).toEqual([])
  expect(acknowledged.size).toBe(writers * transactionsEach)
  expect([...times].filter(([txid, each]) => acknowledged.get(txid) !== each)).toEqual([])

  const state = new MaterializedState()
  state.applyBatch(log)
  for (const { db } of clients) {
    await eventually(() =>
      expect(rowsOf(db.collections.users)).toEqual(Object.fromEntries(state.getType('user'))),
    )
    await eventually(() => expect(db.collections.messages.size).toBe(state.getType('message').size))
    expect(db.pendingWrites).toEqual([])
    expect(db.issues.total).toBe(0)
  }
}, 60_000)

/**
 * Lets a server append one request at a time.
 *
 * The reference server's file store reads its metadata, writes to disk, and writes the metadata back: two producers at
 * once lose one of the updates, and with it the end of the stream, so that a live reader is told that it has read all.
 */
function oneAtATime({ server }: StreamServer): { end: () => Promise<unknown> } {
  const { store } = server
  if (!('appendWithProducer' in store)) throw new Error('The reference server appends by another name')
  const append = store.appendWithProducer.bind(store)
  let ended = false
  let last: Promise<unknown> = Promise.resolve()
  store.appendWithProducer = (path, data, options) => {
    const next = last.then(() => (ended ? Promise.reject(new Error('stopped')) : append(path, data, options)))
    last = next.catch(() => undefined)
    return next
  }
  return {
    end() {
      ended = true
      return last
    },
  }
}

interface Client {
  readonly db: StreamDB<Room>
  readonly proxy: FaultProxy
  /** How many faults struck. */
  struck(): number
}

async function openClient(server: string, url: string, random: () => number): Promise<Client> {
  const proxy = await startFaultProxy(server)
  let struck = 0
  const db = createStreamDB({
    streamOptions: { url: proxy.through(url) },
    state: room,
    retry: { initialDelay: 1, maxDelay: 10, connectTimeout: 250 },
  })
  onTestFinished(async () => {
    db.close()
    await proxy.close()
  })
  await db.preload()
  for (const [share, wanted, fault] of faults) {
    const match = ({ method }: { method: string }): boolean => {
      const strikes = method === wanted && random() < share
      if (strikes) struck++
      return strikes
    }
    proxy.fault(fault, { times: Infinity, match })
  }
  return { db, proxy, struck: () => struck }
}

/** One transaction: a message of its own, and a row that all writers change. */
function write(db: StreamDB<Room>, id: string, random: () => number): ReturnType<StreamDB<Room>['transact']> {
  const { users, messages } = db.collections
  const shared = `u${Math.floor(random() * 20)}`
  return db.transact(() => {
    messages.insert({ id, userId: shared, text: id })
    if (!users.has(shared)) users.insert({ id: shared, name: id })
    else if (random() < 0.1) users.delete(shared)
    else users.update(shared, (draft) => void (draft.name = id))
  })
}

/** Numbers from 0 to 1 that are the same for the same seed. */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

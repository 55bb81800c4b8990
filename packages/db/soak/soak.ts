import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DurableStream } from '@durable-streams/client'
import { z } from 'zod'
import { createStateSchema, createStreamDB, MaterializedState } from '../src/index.ts'
import type { ChangeEvent, StateEvent, StreamDB } from '../src/index.ts'
import { check, heapMegabytes, memoryIsFlat, sleep, Tally } from './tally.ts'

// Writers and readers against the real server with its files, behind faults and kills, for as long as told; then
// everything is healed and counted: nothing lost, nothing doubled, all equal, memory flat.

const minutes = Number(process.argv[2] ?? 60)
const seed = process.argv[3] ?? '1'
const writers = 3
const modes = ['sse', 'long-poll', true] as const

const state = createStateSchema({
  items: {
    schema: z.object({ id: z.string(), writer: z.number(), n: z.number(), text: z.string() }),
    type: 'item',
    primaryKey: 'id',
  },
  counters: { schema: z.object({ id: z.string(), n: z.number() }), type: 'counter', primaryKey: 'id' },
})
type Soaked = StreamDB<typeof state>

const dataDir = mkdtempSync(join(tmpdir(), 'streamdb-soak-'))
const world = spawn(
  process.execPath,
  [fileURLToPath(new URL('./world.js', import.meta.url)), dataDir, String(writers + modes.length), seed],
  { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
)
const [{ direct, urls }] = (await once(world, 'message')) as [{ direct: string; urls: string[] }] // what world.ts says
const path = '/soak'
await DurableStream.create({ url: direct + path, contentType: 'application/json' })

const tally = new Tally()
const open = (url: string, live: (typeof modes)[number]): Soaked =>
  createStreamDB({
    streamOptions: { url: url + path, warnOnHttp: false },
    state,
    live,
    confirmTimeout: 60_000,
    retry: { initialDelay: 50, maxDelay: 2000, connectTimeout: 3000, idleTimeout: 8000 },
    onError: (error) => tally.error(error),
  })
const databases = urls.map((url, index) => open(url, modes[index % modes.length] ?? true))
for (const db of databases) db.subscribeStatus((status) => tally.status(status.name))
await Promise.all(databases.map((db) => db.preload()))

const began = Date.now()
const until = began + minutes * 60_000
const memory: number[] = []

async function write(db: Soaked, writer: number): Promise<void> {
  const own: string[] = []
  for (let n = 0; Date.now() < until; n++) {
    const id = `w${writer}-${n}`
    try {
      const transaction = db.transact(() => {
        db.collections.items.insert({ id, writer, n, text: 'x'.repeat(n % 200) })
        const counter = db.collections.counters.get(`c${writer}`)
        if (counter === undefined) db.collections.counters.insert({ id: `c${writer}`, n })
        else db.collections.counters.update(counter.id, (draft) => void (draft.n = n))
        // So that the rows, and with them the memory, do not grow for ever.
        const oldest = own.length > 100 ? own.shift() : undefined
        if (oldest !== undefined && db.collections.items.has(oldest)) db.collections.items.delete(oldest)
      })
      const txid = db.writeOf(transaction)?.txid ?? ''
      const settled = transaction.when('settled').then(
        () => tally.confirmed(txid),
        (error: unknown) => tally.failed(txid, error),
      )
      own.push(id)
      // Some are written one upon the other, some one after the other.
      if (n % 5 === 0) await settled
    } catch (error) {
      tally.error(error)
    }
    await sleep(10 + (n % 7) * 10)
  }
  while (db.pendingWrites.length > 0) await sleep(50)
}

const sampling = setInterval(() => {
  memory.push(heapMegabytes())
  const minute = Math.round((Date.now() - began) / 60_000)
  console.log(`${String(minute).padStart(3)} min  ${tally.line()}  heap ${memory.at(-1)?.toFixed(1)} MB`)
}, 15_000)
const writing = databases.slice(0, writers).map((db, writer) => write(db, writer))
await sleep(until - Date.now())
world.send('heal')
await Promise.all(writing)
clearInterval(sampling)

const log = await (
  await new DurableStream({ url: direct + path }).stream<StateEvent>({ live: false })
).json<StateEvent>()
for (const [txid, code] of tally.failedTxIds) console.log(`failed ${txid} ${code}: ${inLogNow(log, txid)}`)
const last = log.at(-1) as ChangeEvent // a soak writes
for (const db of databases) await db.utils.awaitTxId(String(last.headers.txid), 60_000)

const expected = new MaterializedState()
expected.applyBatch(log)
const counts = new Map<string, number>()
for (const event of log as ChangeEvent[]) {
  const name = `${event.headers.txid} ${event.type} ${event.key}`
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
const inLog = new Set((log as ChangeEvent[]).map((event) => event.headers.txid))

console.log(
  `\n${minutes} minutes, seed ${seed}, ${log.length} events in the log\n${tally.line()}\n${tally.details()}`,
)
check(
  'every confirmed transaction is in the log',
  [...tally.confirmedTxIds].every((txid) => inLog.has(txid)),
)
const twice = [...counts].filter(([, count]) => count > 1).map(([name]) => name)
check(`no event is in the log twice${some(twice)}`, twice.length === 0)
check(
  'no transaction that failed for certain is in the log',
  [...tally.failedTxIds].every(([txid, code]) => code === 'write-unknown' || !inLog.has(txid)),
)
for (const [index, db] of databases.entries()) {
  const rows = new Map(
    [...db.collections.items.keys()].map((key) => [String(key), db.collections.items.get(key)?.n]),
  )
  const wanted = new Map([...expected.getType<{ n: number }>('item')].map(([key, row]) => [key, row.n]))
  const other = [...new Set([...rows.keys(), ...wanted.keys()])].filter(
    (key) => rows.get(key) !== wanted.get(key),
  )
  check(`database ${index} shows what the log says${some(other)}`, other.length === 0)
}
check('memory is flat', memoryIsFlat(memory))
for (const db of databases) db.close()
world.send('end')
await once(world, 'exit')
rmSync(dataDir, { recursive: true, force: true })

/** Names some of what should not be. */
function some(names: readonly string[]): string {
  return names.length === 0 ? '' : `: ${names.length}, such as ${names.slice(0, 5).join('; ')}`
}

function inLogNow(events: readonly StateEvent[], txid: string): string {
  const at = events.findIndex((event) => event.headers['txid'] === txid)
  return at === -1 ? 'not in the log' : `in the log at ${at} of ${events.length}`
}

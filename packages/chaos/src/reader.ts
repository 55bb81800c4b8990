import { createStreamDB } from '@streamdb/db'
import type { StreamDB } from '@streamdb/db'
import { fileStorage } from '@streamdb/persist/node'
import { chaosState } from './chaos-state.ts'
import { optionsOf, order, report, save, sleep } from './orders.ts'

// Readers: by SSE, by long-polls and as the product chooses; some keep their rows in files, and are opened anew from them.

interface ReaderSetup {
  readonly name: string
  readonly live: true | 'sse' | 'long-poll'
  readonly storage?: string
  /** After how many milliseconds it is closed and opened anew, again and again. */
  readonly reopenEvery?: number
}

interface Options {
  readonly url: string
  readonly readers: readonly ReaderSetup[]
  /** Where the snapshots are read from at the end. */
  readonly out: string
}

type ChaosDB = StreamDB<typeof chaosState>

const { url, readers, out } = optionsOf<Options>()
/** How long a reader may take for what is left, once everything is healed. */
const patience = 60_000

function startReader({ name, live, storage, reopenEvery }: ReaderSetup) {
  /** When which probe was visible, and when which status began. */
  const seen: (readonly [time: number, n: number])[] = []
  const statuses: (readonly [time: number, name: string])[] = []
  const errors: string[] = []
  const restarts: string[] = []
  let isFinishing = false

  function open(): ChaosDB {
    const db = createStreamDB({
      streamOptions: { url, warnOnHttp: false },
      state: chaosState,
      live,
      ...(storage !== undefined && { storage: fileStorage({ directory: storage }) }),
      onError: (error) => void errors.push(`${Date.now()} ${error.code}: ${error.message}`),
    })
    db.subscribeStatus((status) => void statuses.push([Date.now(), status.name]))
    db.observe({
      onChanges({ rows }) {
        const probe = rows.get('probe')?.get('probe') as { n: number } | undefined // as the schema says
        if (probe) seen.push([Date.now(), probe.n])
      },
      onRestart: (reason) => void restarts.push(`${Date.now()} ${reason}`),
    })
    return db
  }

  let db = open()
  const reopening =
    reopenEvery === undefined
      ? undefined
      : setInterval(() => {
          if (isFinishing) return
          db.close()
          db = open()
          void db.preload().catch(() => undefined)
        }, reopenEvery)

  /** Waits for the last probe; returns the rows, or nothing where it does not come. */
  async function finish(last: number) {
    isFinishing = true
    clearInterval(reopening)
    const until = Date.now() + patience
    while ((db.collections.probes.get('probe')?.n ?? -1) < last && Date.now() < until) await sleep(20)
    const arrived = Date.now()
    const rows = rowsOf(db)
    const status = db.status.name
    const result = { name, live: String(live), seen, statuses: [...statuses], errors, restarts }
    db.close()
    await db.storage?.flush()
    const stored = storage === undefined ? undefined : await readStore(storage, last)
    return { ...result, arrived, status, rows, stored }
  }
  return { preload: () => db.preload(), finish }
}

/** Reads the rows of a store alone: no request leaves. */
async function readStore(directory: string, last: number) {
  const db = createStreamDB({
    streamOptions: { url, warnOnHttp: false, fetch: () => Promise.reject(new TypeError('no network')) },
    state: chaosState,
    storage: fileStorage({ directory }),
  })
  // What is stored is not there where nothing was.
  await Promise.race([db.preload(), sleep(5_000)])
  for (let tries = 0; (db.collections.probes.get('probe')?.n ?? -1) < last && tries < 100; tries++)
    await sleep(20)
  const rows = rowsOf(db)
  db.close()
  return rows
}

/** What a reader shows that begins with the newest snapshot. */
async function readFromSnapshot(last: number) {
  const db = createStreamDB({
    streamOptions: { url, warnOnHttp: false },
    state: chaosState,
    snapshots: true,
    live: false,
  })
  let events = 0
  db.observe({ onBatch: ({ items }) => void (events += items.length) })
  await Promise.race([db.preload(), sleep(patience)])
  const rows = rowsOf(db)
  db.close()
  return { name: 'from the snapshot', live: 'false', rows, events, last }
}

/** TanStack DB adds fields of its own to what `get` returns. */
function withoutVirtual(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('$')))
}

function rowsOf(db: ChaosDB) {
  const { items, counters, probes } = db.collections
  const of = (collection: typeof items | typeof counters | typeof probes) =>
    Object.fromEntries(
      [...collection.keys()].map((key) => [String(key), withoutVirtual({ ...collection.get(key) })]),
    )
  return { item: of(items), counter: of(counters), probe: of(probes) }
}

const running = readers.map(startReader)
await Promise.all(running.map(({ preload }) => preload()))
report('ready')
const { last } = await order('finish')
const results = await Promise.all(running.map(({ finish }) => finish(last)))
save(out, { readers: results, snapshot: await readFromSnapshot(last) })
report('finished')
process.disconnect()

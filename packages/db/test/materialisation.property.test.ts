import { canonical, cuts, eventually, logs, offsetAt, oracle, redeliveries, stamp } from '@streamdb/testkit'
import type { Delivery } from '@streamdb/testkit'
import { plain } from '@streamdb/testkit/rooms'
import { createStateSchema, createStreamDB, MaterializedState } from '../src/index.ts'
import type { StateEvent } from '../src/index.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

// Minutes of it: PROPERTY_RUNS=20000 npx vitest run --project db materialisation.property
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 150)

/** A collection a type; rows are whatever the log has. The primary key is a field that no drawn value has. */
const state = createStateSchema({
  users: { schema: anything(), type: 'user', primaryKey: 'pk' },
  messages: { schema: anything(), type: 'message', primaryKey: 'pk' },
  hostileProto: { schema: anything(), type: '__proto__', primaryKey: 'pk' },
  hostileConstructor: { schema: anything(), type: 'constructor', primaryKey: 'pk' },
  hostileToString: { schema: anything(), type: 'toString', primaryKey: 'pk' },
  hostileOwn: { schema: anything(), type: 'hasOwnProperty', primaryKey: 'pk' },
})

interface Reading {
  readonly deliveries: readonly Delivery<StateEvent>[]
  /** How many items each append wrote; absent where the server stamps nothing. */
  readonly appends?: readonly number[] | undefined
  readonly live: 'sse' | 'long-poll'
  /** How many deliveries are there when the first load begins. */
  readonly catchUp: number
}

// Side by side: each of them waits much of its time.
describe.concurrent(
  `any log, cut and redelivery (${numRuns} cases each)`,
  { timeout: 30_000 + numRuns * 500 },
  () => {
    test('[M6] ends at the state of the oracle', async () => {
      const cases = logs({ objectsOnly: true }).chain((log) =>
        cuts(log).chain((cut) =>
          fc.record({
            deliveries: fc.constant(whole(cut)),
            live: fc.constantFrom('sse', 'long-poll'),
            catchUp: fc.nat({ max: cut.length }),
          }),
        ),
      )
      await fc.assert(fc.asyncProperty(cases, endsRight), { numRuns })
    })

    test('[M6] [F-mat-4] [L4] redelivered by a server that stamps: nothing is doubled or reverted', async () => {
      const cases = logs({ objectsOnly: true }).chain((log) =>
        cuts(log).chain((cut) =>
          fc.record({
            deliveries: redeliveries(cut),
            appends: fc
              .array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 })
              .map((sizes) => alignedTo(cut, sizes)),
            live: fc.constantFrom('sse', 'long-poll'),
            catchUp: fc.nat({ max: cut.length }),
          }),
        ),
      )
      await fc.assert(fc.asyncProperty(cases, endsRight), { numRuns })
    })

    test('[M6] [F-mat-4] old batches again from a server that does not stamp: recognised by their end offset', async () => {
      const cases = logs({ objectsOnly: true }).chain((log) =>
        cuts(log).chain((cut) =>
          fc.record({
            deliveries: redeliveries(cut).map(withoutOverlaps),
            live: fc.constantFrom('sse', 'long-poll'),
            catchUp: fc.nat({ max: cut.length }),
          }),
        ),
      )
      await fc.assert(fc.asyncProperty(cases, endsRight), { numRuns })
    })
  },
)

/** Reads the deliveries by a database, and compares it with the oracle and with `MaterializedState`. */
async function endsRight(reading: Reading): Promise<void> {
  const log = wholeLog(reading.deliveries)
  const expected = canonical(oracle(log))
  const plainState = new MaterializedState()
  plainState.applyBatch(log)
  expect(canonical(new Map(plainState.types.map((type) => [type, plainState.getType(type)])))).toBe(expected)

  const end = offsetAt(log.length)
  const seen: unknown[] = []
  const thrown: unknown[] = []
  const db = createStreamDB({
    streamOptions: { url: 'http://streamdb.test/log', fetch: serve(reading) },
    state,
    live: reading.live,
    retry: { initialDelay: 0, maxDelay: 1 },
    onError: (error) => thrown.push(error),
    onEvent: (event) => seen.push(JSON.stringify([event.type, event.key, event.value ?? null])),
  })
  try {
    await db.preload()
    if (log.length > 0) await eventually(() => expect(db.offset).toBe(end))
    expect([db.issues.total, thrown]).toEqual([0, []])
    expect(canonical(rowsByType(db.collections))).toBe(expected)
    const changes = log.flatMap((event) =>
      'type' in event ? [JSON.stringify([event.type, event.key, event.value ?? null])] : [],
    )
    expect(seen).toEqual(changes)
  } finally {
    db.close()
  }
}

/**
 * Answers every read with the next delivery, as a server does that repeats itself; then nothing comes any more. Where the log
 * ends, it says truly, and what lies behind an offset that was passed before: a reader asks for that after a break, to tell
 * whether the log is still the same one.
 */
function serve({ deliveries, appends, live, catchUp }: Reading): typeof fetch {
  const log = wholeLog(deliveries)
  const queue = deliveries.filter(({ items }) => items.length > 0)
  let next = 0
  let reached = 0
  let asked = 0
  const take = (): { body: string; offset: string; upToDate: boolean } => {
    const delivery = queue[next++] ?? { items: [], start: reached, end: reached }
    reached = Math.max(reached, delivery.end)
    const items = appends === undefined ? delivery.items : stamp(delivery, appends)
    return { body: JSON.stringify(items), offset: offsetAt(delivery.end), upToDate: next >= catchUp }
  }
  return (url, init) => {
    const { searchParams } = new URL(String(url))
    if (init?.method === 'HEAD' || searchParams.get('offset') === 'now') return Promise.resolve(endOf(queue))
    const mode = searchParams.get('live')
    const at = Number(searchParams.get('offset')?.split('_')[1] ?? 0)
    if (mode === null && at < asked) {
      const items = log.slice(at)
      const delivery = { items, start: at, end: log.length }
      return Promise.resolve(pageOf(appends === undefined ? items : stamp(delivery, appends), log.length))
    }
    asked = Math.max(asked, at)
    // What it has not read yet comes first.
    while ((queue[next]?.start ?? reached) > at && next > 0) next--
    if (mode !== null && next >= queue.length) return silence(init?.signal)
    if (mode === null || live === 'long-poll') {
      const { body, offset, upToDate } = take()
      const headers = { 'content-type': 'application/json', 'Stream-Next-Offset': offset }
      return Promise.resolve(
        new Response(body, { headers: upToDate ? { ...headers, 'Stream-Up-To-Date': 'true' } : headers }),
      )
    }
    const events: string[] = []
    while (next < queue.length) {
      const { body, offset: streamNextOffset } = take()
      events.push(
        `event: data\ndata:${body}\n\nevent: control\ndata:${JSON.stringify({ streamNextOffset, upToDate: true })}\n\n`,
      )
    }
    return Promise.resolve(eventStream(events, init?.signal))
  }
}

/** Says where the log ends. */
function endOf(deliveries: readonly Delivery<StateEvent>[]): Response {
  return pageOf([], Math.max(0, ...deliveries.map((delivery) => delivery.end)))
}

function pageOf(items: readonly StateEvent[], end: number): Response {
  const headers = {
    'content-type': 'application/json',
    'Stream-Next-Offset': offsetAt(end),
    'Stream-Up-To-Date': 'true',
  }
  return new Response(JSON.stringify(items), { headers })
}

/** Sends the events, and stays open. */
function eventStream(events: readonly string[], signal: AbortSignal | null | undefined): Response {
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const event of events) controller.enqueue(encoder.encode(event))
      signal?.addEventListener('abort', () => controller.error(new Error('aborted')))
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

function silence(signal: AbortSignal | null | undefined): Promise<Response> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('aborted'))))
}

function whole(cut: readonly (readonly StateEvent[])[]): Delivery<StateEvent>[] {
  let start = 0
  return cut.map((items) => ({ items, start, end: (start += items.length) }))
}

function wholeLog(deliveries: readonly Delivery<StateEvent>[]): StateEvent[] {
  const log: StateEvent[] = []
  for (const { items, start, end } of deliveries)
    if (end > log.length) log.push(...items.slice(log.length - start))
  return log
}

/** Leaves out batches that were joined, which could hold old events and new ones: without stamps nothing tells them apart. */
function withoutOverlaps(deliveries: readonly Delivery<StateEvent>[]): Delivery<StateEvent>[] {
  return deliveries.filter(
    ({ start, end }) => !deliveries.some((other) => other.end > start && other.end < end),
  )
}

/** Appends that no batch cuts, as a server's batches end where appends do. */
function alignedTo(cut: readonly (readonly unknown[])[], sizes: readonly number[]): number[] {
  return cut.flatMap(({ length }) => {
    const appends: number[] = []
    for (let left = length, index = 0; left > 0; index++) {
      const size = Math.min(left, sizes[index] ?? 1)
      appends.push(size)
      left -= size
    }
    return appends
  })
}

/** The rows by event type, less the primary key that was filled in. */
function rowsByType(
  collections: Record<string, { entries(): Iterable<readonly [string | number, object]> }>,
): Map<string, Map<string, unknown>> {
  const types = new Map<string, Map<string, unknown>>()
  for (const [name, { type }] of Object.entries(state)) {
    const rows = [...(collections[name]?.entries() ?? [])].map(([key, row]) => {
      const fields = Object.entries(Object(plain(row))).filter(([field]) => field !== 'pk')
      return [String(key), Object.fromEntries(fields)] as const
    })
    if (rows.length > 0) types.set(type, new Map(rows))
  }
  return types
}

function anything() {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      // Its fields are whatever the log has; the primary key is text.
      validate: (value: unknown) => ({ value: value as Record<string, string> }),
    },
  } as const
}

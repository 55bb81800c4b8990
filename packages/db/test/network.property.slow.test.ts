import { eventually, oracle, startFaultProxy } from '@streamdb/testkit'
import type { Fault } from '@streamdb/testkit'
import { message, plain, quick, room, roomServer, user } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLiveQueryCollection, createStreamDB, eq, MaterializedState } from '../src/index.ts'
import type { StateEvent, StreamDB } from '../src/index.ts'

// Minutes of it: PROPERTY_RUNS=2000 npm run test:slow -- network.property
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 100)

/** What happens on the wire, in this order; an append is one transaction of a message and its author. */
type Step =
  | { readonly do: 'append'; readonly message: number; readonly user: number }
  | { readonly do: 'fault'; readonly fault: Fault }
  | { readonly do: 'cut'; readonly by: 'fin' | 'rst' }
  | { readonly do: 'freeze' }
  | { readonly do: 'look' }

const faults = fc.oneof(
  fc.record({
    kind: fc.constant('cut' as const),
    after: fc.oneof(fc.constant('nothing' as const), fc.nat({ max: 300 })),
    by: fc.constantFrom('fin' as const, 'rst' as const),
  }),
  fc.record({ kind: fc.constant('drop' as const), by: fc.constantFrom('fin' as const, 'rst' as const) }),
  fc.record({ kind: fc.constant('delay' as const), ms: fc.nat({ max: 30 }) }),
  fc.constant({ kind: 'blackhole' as const }),
  fc.constant({ kind: 'replay' as const }),
  fc.constant({ kind: 'throttle' as const, bytes: 16, everyMs: 1 }),
  fc.constantFrom(429, 500, 503).map((status) => ({ kind: 'answer' as const, status })),
  fc.constant({
    kind: 'answer' as const,
    headers: { 'content-type': 'text/html' },
    body: '<html>Welcome</html>',
  }),
)

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        message: fc.nat({ max: 9 }),
        user: fc.nat({ max: 3 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('fault' as const), fault: faults }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('cut' as const),
        by: fc.constantFrom('fin' as const, 'rst' as const),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ do: 'freeze' as const }) },
    { weight: 2, arbitrary: fc.constant({ do: 'look' as const }) },
  ),
  { minLength: 3, maxLength: 25 },
)

test(
  `[L4] [C1] any faults (${numRuns} cases): equal in the end, never torn, and appended rows arrive while the status is live`,
  { timeout: 20_000 + numRuns * 2000 },
  async () => {
    const cases = fc.record({ steps, live: fc.constantFrom('sse' as const, 'long-poll' as const, true) })
    await fc.assert(fc.asyncProperty(cases, survives), { numRuns })
  },
)

async function survives(drawn: {
  readonly steps: readonly Step[]
  readonly live: 'sse' | 'long-poll' | boolean
}): Promise<void> {
  const kit = await roomServer()
  const direct = await kit.createStream()
  const proxy = await startFaultProxy(kit.url)
  const db = createStreamDB({
    streamOptions: { url: proxy.through(direct) },
    state: room,
    live: drawn.live,
    retry: { ...quick, connectTimeout: 150, idleTimeout: 300 },
  })
  const log: unknown[] = []
  const torn: unknown[] = []
  try {
    watchJoin(db, torn)
    void db.preload()
    for (const step of drawn.steps) {
      if (step.do === 'append') {
        const txid = `tx${log.length}`
        const events = [
          message(`m${step.message}`, `u${step.user}`, `text ${log.length}`, txid),
          user(`u${step.user}`, 'n', txid),
        ]
        await kit.appendItems(direct, events)
        log.push(...events)
        // Live is a promise, and it is kept without anybody's help.
        if (db.status.name === 'live') await db.utils.awaitTxId(txid, 5000)
      } else if (step.do === 'fault') proxy.fault(step.fault)
      else if (step.do === 'cut') proxy.cut(step.by)
      else if (step.do === 'freeze') proxy.freeze()
      else await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await proxy.heal()
    await eventually(() => expect(stateOf(db)).toEqual(expected(log)), { timeout: 5000 })
    expect(torn).toEqual([])
  } finally {
    db.close()
    await proxy.close()
  }
}

/** Notes every joined row without its user: half of a transaction. */
function watchJoin(db: StreamDB<Room>, torn: unknown[]): void {
  const joined = createLiveQueryCollection((q) =>
    q
      .from({ message: db.collections.messages })
      .leftJoin({ user: db.collections.users }, ({ message: m, user: u }) => eq(m.userId, u.id))
      .select(({ message: m, user: u }) => ({ id: m.id, name: u?.name })),
  )
  joined.subscribeChanges((changes) => {
    for (const { type, value } of changes) if (type !== 'delete' && value.name === undefined) torn.push(value)
  })
}

function stateOf(db: StreamDB<Room>): unknown {
  const { messages, users } = db.collections
  const rows = (collection: Iterable<readonly [string | number, object]>) =>
    new Map(
      [...collection]
        .map(([key, row]) => [String(key), plain(row)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    )
  return { message: rows(messages.entries()), user: rows(users.entries()) }
}

/** The same by MaterializedState, which has to agree with the oracle. */
function expected(log: readonly unknown[]): unknown {
  const events = log as readonly StateEvent[] // made by the builders above
  const state = new MaterializedState()
  state.applyBatch(events)
  const oracled = oracle(events)
  const rows = (type: string) => {
    expect(state.getType(type)).toEqual(oracled.get(type) ?? new Map())
    const withDefaults = [...state.getType<object>(type)].map(
      ([key, row]) => [key, type === 'message' ? { likes: 0, ...row } : row] as const,
    )
    return new Map(withDefaults.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  return { message: rows('message'), user: rows('user') }
}

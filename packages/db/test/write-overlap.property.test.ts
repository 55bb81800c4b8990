import { MaterializedState } from '@streamdb/state'
import { createManualLog, eventually, unhandledRejections } from '@streamdb/testkit'
import type { Fate } from '@streamdb/testkit'
import { plain, room, rowsOf } from '@streamdb/testkit/rooms'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type { ChangeEvent, Transaction, WriteContext } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(() => expect(unhandled).toEqual([]))

type Step =
  /** A transaction over one or two rows: `own` is appended by an action's mutationFn, and not by us. */
  | {
      readonly do: 'write'
      readonly keys: readonly string[]
      readonly remove: boolean
      readonly own: boolean
    }
  | { readonly do: 'remote'; readonly key: string; readonly remove: boolean }
  /** The append under way gets its answer. */
  | { readonly do: 'answer'; readonly fate: Fate }
  /** One of the mutationFns under way comes to its end. */
  | { readonly do: 'finish'; readonly which: number; readonly how: 'txid' | 'events' | 'throw' }
  | { readonly do: 'rollback'; readonly which: number }

const key = fc.constantFrom('a', 'b', 'c')
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      keys: fc.uniqueArray(key, { minLength: 1, maxLength: 2 }),
      remove: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
      own: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remote' as const), key, remove: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      fate: fc.constantFrom<Fate[]>('store', 'store', 'lose', 'refuse', 'drop'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      which: fc.nat(5),
      how: fc.constantFrom('txid' as const, 'events' as const, 'throw' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rollback' as const), which: fc.nat(5) }) },
)

interface Ends {
  confirmed: number
  failed: number
  unknown: number
  'rolled-back': number
  'in the log all the same': number
}

async function run(steps: readonly Step[], ends: Ends): Promise<void> {
  const log = createManualLog()
  const finishing: ((how: 'txid' | 'events' | 'throw') => void)[] = []
  const own = async (_: unknown, { events, txid }: WriteContext): Promise<string | undefined> => {
    const how = await new Promise<'txid' | 'events' | 'throw'>((resolve) => finishing.push(resolve))
    if (how === 'throw') throw new Error('the server refused')
    log.append(events)
    return how === 'txid' ? txid : undefined
  }
  const db = createStreamDB({
    streamOptions: { url: 'http://stream.test/room', fetch: log.fetch, warnOnHttp: false },
    state: room,
    live: 'long-poll',
    retry: { initialDelay: 1, maxDelay: 1 },
    actions: () => ({ own: { onMutate: (mutate: () => void) => mutate(), mutationFn: own } }),
  })
  const { users } = db.collections
  const all: { readonly transaction: Transaction; readonly txid: string }[] = []
  let made = 0

  function mutate({ keys, remove }: { keys: readonly string[]; remove: boolean }): void {
    for (const id of keys) {
      const name = `local ${made++}`
      if (!users.has(id)) users.insert({ id, name })
      else if (remove) users.delete(id)
      else users.update(id, (draft) => void (draft.name = name))
    }
  }

  function take(next: Step): void {
    switch (next.do) {
      case 'write': {
        const transaction = next.own ? db.actions.own(() => mutate(next)) : db.transact(() => mutate(next))
        all.push({ transaction, txid: db.writeOf(transaction)?.txid ?? '' })
        return
      }
      case 'remote': {
        const value = { id: next.key, name: `remote ${made++}` }
        log.append([next.remove ? room.users.delete({ key: next.key }) : room.users.upsert({ value })])
        return
      }
      case 'answer':
        log.decide(next.fate)
        return
      case 'finish':
        finishing.splice(next.which % Math.max(1, finishing.length), 1).forEach((finish) => finish(next.how))
        return
      case 'rollback': {
        const pending = db.pendingWrites
        pending[next.which % Math.max(1, pending.length)]?.transaction.rollback()
      }
    }
  }

  /** The rows of the log under those of the transactions that are under way, in the order in which they were made. */
  function expected(): Record<string, unknown> {
    const rows = new Map<string, unknown>(stateOf(log.events))
    for (const { transaction } of db.pendingWrites) {
      for (const { key: id, type, modified } of transaction.mutations) {
        if (type === 'delete') rows.delete(String(id))
        else rows.set(String(id), plain(modified))
      }
    }
    return Object.fromEntries(rows)
  }

  try {
    await db.preload()
    for (const next of steps) {
      take(next)
      await eventually(() => expect(db.offset).toBe(log.end))
      await eventually(() => expect(rowsOf(users)).toEqual(expected()))
    }
    // All that is still open ends well.
    await eventually(() => {
      log.decide('store')
      for (const finish of finishing.splice(0)) finish('events')
      expect(db.pendingWrites).toEqual([])
    })
    await eventually(() => expect(rowsOf(users)).toEqual(Object.fromEntries(stateOf(log.events))))

    for (const { transaction, txid } of all) {
      const state = db.writeOf(transaction)?.state
      const stored = new Set(
        log.events.filter(({ headers }) => headers.txid === txid).map((event) => event.key),
      )
      const times = log.events.filter(({ headers }) => headers.txid === txid).length
      // Each of its events once.
      expect(times).toBe(stored.size)
      if (state?.name === 'confirmed') {
        expect(times).toBe(transaction.mutations.length)
        ends.confirmed++
      } else if (state?.name === 'failed' && state.error.code === 'rolled-back') {
        ends['rolled-back']++
        if (times > 0) ends['in the log all the same']++
      } else if (state?.name === 'failed' && state.error.code === 'write-unknown') {
        // An answer was lost, and the next attempt refused.
        ends.unknown++
      } else {
        expect(state).toMatchObject({ name: 'failed', error: { code: 'write-failed' } })
        expect(times).toBe(0)
        ends.failed++
      }
    }
  } finally {
    db.close()
  }
}

function stateOf(events: readonly ChangeEvent[]): Map<string, unknown> {
  const state = new MaterializedState()
  state.applyBatch(events)
  return state.getType('user')
}

test('[W1][W2][W3] overlapping transactions with random outcomes: rows are the log under the pending writes, and in the end the log', async () => {
  const ends: Ends = { confirmed: 0, failed: 0, unknown: 0, 'rolled-back': 0, 'in the log all the same': 0 }
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
      runs++
      await run(steps, ends)
    }),
    { seed: Number(process.env['STREAMDB_SEED'] ?? 3), numRuns: 150, endOnFailure: false },
  )
  console.info(`[overlap] ${runs} runs`, ends)
  // An answer that is lost is looked for in the log before the next attempt, so that nothing stays unknown.
  const { unknown, ...seen } = ends
  expect(unknown).toBe(0)
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(0)
}, 60_000)

test('[W1] unsent writes on top of a refused one are rolled back with it; sent ones are decided by the log', async () => {
  const log = createManualLog()
  const db = createStreamDB({
    streamOptions: { url: 'http://stream.test/room', fetch: log.fetch, warnOnHttp: false },
    state: room,
    live: 'long-poll',
    retry: { initialDelay: 1, maxDelay: 1 },
  })
  await db.preload()
  const { users } = db.collections
  const sent = users.insert({ id: 'a', name: 'first' })
  await eventually(() => expect(log.waiting).toBe(1))
  const upon = users.update('a', (draft) => void (draft.name = 'second'))
  const other = users.insert({ id: 'b', name: 'other' })
  log.decide('refuse')
  await expect(sent.when('settled')).rejects.toMatchObject({ code: 'write-failed' })
  await expect(upon.when('settled')).rejects.toMatchObject({
    code: 'rolled-back',
    cause: { code: 'write-failed' },
  })
  await eventually(() => expect(log.waiting).toBe(1))
  log.decide('store')
  await other.when('settled')
  expect(rowsOf(users)).toEqual({ b: { id: 'b', name: 'other' } })
  expect(log.events.map((event) => event.key)).toEqual(['b'])
  db.close()
})

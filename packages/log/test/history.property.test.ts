import { isChangeEvent, isControlEvent } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { canonical, logs, oracle } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openHistory } from '../src/history/index.ts'
import type { PastState, RowMove, StreamHistory } from '../src/history/index.ts'
import { pagedLog } from './paged-log.ts'

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 50)

const cases = fc.record({
  log: logs({ maxPieces: 8 }),
  sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
  pageSize: fc.integer({ min: 1, max: 6 }),
  isStamped: fc.boolean(),
  checkpointEvery: fc.integer({ min: 1, max: 8 }),
  keep: fc.integer({ min: 0, max: 30 }),
  places: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  steps: fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 6 }),
})

test('[H1] [H2] at any offset of any log: the state of the oracle; steps and jumps lead to the same states', async () => {
  await fc.assert(
    fc.asyncProperty(
      cases,
      async ({ log, sizes, pageSize, isStamped, checkpointEvery, keep, places, steps }) => {
        const appends = cut(log, sizes)
        const paged = pagedLog(appends, { isStamped, pageSize })
        const { url, fetch, offset } = paged
        const history = openHistory({ url, fetch, checkpointEvery, keep })
        const pages = isStamped ? 1 : pageSize
        for (const place of places) {
          const count = Math.floor((place % (appends.length + 1)) / pages) * pages
          const past = await history.at(offset(count))
          expect(stateOf(past)).toBe(expected(appends, count, isStamped))
        }
        const all = await everyState(history)
        const end = await history.end()
        const back: string[] = [stateOf(end)]
        while (end.behind > 0) {
          const before = stateOf(end)
          const undone = applied(before, await end.step(-1))
          back.unshift(stateOf(end))
          expect(undone).toBe(stateOf(end))
        }
        expect(back).toEqual(all)
        // Anywhere, and back again.
        let at = 0
        for (const step of steps) {
          const before = stateOf(end)
          const moves = await end.step(step)
          at = Math.max(0, Math.min(all.length - 1, at + step))
          expect(stateOf(end)).toBe(all[at])
          expect(applied(before, moves)).toBe(all[at])
          expect([end.behind, end.ahead]).toEqual([at, all.length - 1 - at])
        }
        const far = (places[0] ?? 0) % (appends.length + 1)
        const moves = await end.moveTo(offset(far))
        expect(applied(all[at] ?? '', moves)).toBe(stateOf(end))
        expect(stateOf(end)).toBe(stateOf(await history.at(offset(far))))
      },
    ),
    { numRuns },
  )
})

/** Steps from the beginning to the end. */
async function everyState(history: StreamHistory): Promise<string[]> {
  const past = await history.at('-1')
  const states = [stateOf(past)]
  for (;;) {
    const { behind } = past
    await past.step(1)
    if (past.behind === behind) return states
    states.push(stateOf(past))
  }
}

function cut(log: readonly StateEvent[], sizes: readonly number[]): StateEvent[][] {
  const appends: StateEvent[][] = []
  for (let from = 0; from < log.length;) {
    const size = sizes[appends.length % sizes.length] ?? 1
    appends.push(log.slice(from, from + size))
    from += size
  }
  return appends
}

/** The oracle's state behind so many appends: without the part of a transaction that goes on. */
function expected(appends: readonly (readonly StateEvent[])[], count: number, isStamped: boolean): string {
  const log = appends.flat()
  let length = appends.slice(0, count).flat().length
  const txid = (event: StateEvent | undefined): unknown =>
    event && isChangeEvent(event) ? event.headers.txid : undefined
  const ends = new Set(appends.map((_, index) => appends.slice(0, index).flat().length))
  while (length > 0 && length < log.length) {
    const [last, next] = [txid(log[length - 1]), txid(log[length])]
    const areKnown = last !== undefined && next !== undefined
    if (isSnapshotStart(log[length])) break
    if (areKnown ? last !== next : ends.has(length) || !isStamped) break
    length--
  }
  return canonical(oracle(log.slice(0, length)))
}

function isSnapshotStart(event: StateEvent | undefined): boolean {
  return event !== undefined && isControlEvent(event) && event.headers.control === 'snapshot-start'
}

function stateOf(past: PastState): string {
  return canonical(new Map(past.types.map((type) => [type, past.getType(type)])))
}

/** Applies moves to a state as text. */
function applied(state: string, moves: readonly RowMove[]): string {
  // As canonical writes it.
  const rows = new Map(
    Object.entries(JSON.parse(state) as Record<string, Record<string, unknown>>).map(([type, keys]) => [
      type,
      new Map(Object.entries(keys)),
    ]),
  )
  for (const { type, key, after } of moves) {
    const keys = rows.get(type) ?? new Map<string, unknown>()
    if (after === undefined) keys.delete(key)
    else keys.set(key, after.value)
    if (keys.size === 0) rows.delete(type)
    else rows.set(type, keys)
  }
  return canonical(rows)
}

import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Comparable } from '../src/collections/on-demand/fields.ts'
import type { Predicate } from '../src/collections/on-demand/predicate.ts'
import { RowStore } from '../src/collections/on-demand/row-store.ts'

interface Row {
  readonly id: string
  readonly owner: unknown
}

/** The rows whose owner is one of the values; what is no plain value matches nothing. */
function ownedBy(...values: Comparable[]): Predicate {
  const wanted = new Set<unknown>(values)
  return {
    matches: (row) => wanted.has((row as Row).owner), // as they are put
    equalities: [{ path: ['owner'], values: new Set(values) }],
    isOpen: false,
    isExact: true,
  }
}

function found(store: RowStore, predicate: Predicate): string[] {
  const keys: string[] = []
  store.select(predicate, (key) => void keys.push(key))
  return keys.sort()
}

// Few values, so that many rows have the same one, and those that are compared by rules of TanStack's own.
const owner = fc.oneof(
  fc.constantFrom('a', 'b', 'c', 1, true, null, undefined),
  fc.constant(new Uint8Array(1)),
)
const step = fc.record({
  key: fc.nat(60).map((n) => `k${n}`),
  owner,
  isDelete: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
})

test('[D9] an index finds the rows that looking at each of them finds, whatever is put and deleted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.nat(400), fc.boolean(), (steps, asked, adopts) => {
      const store = new RowStore('id')
      if (adopts) store.adopt(new Map([['k0', { id: 'k0', owner: 'a' }]]))
      for (const [index, { key, owner: value, isDelete }] of steps.entries()) {
        // From the fourth time on by an index.
        if (index === asked) for (let times = 0; times < 4; times++) found(store, ownedBy('a'))
        const before = store.rows.get(key)
        if (!isDelete) store.put(key, before, { id: key, owner: value })
        else if (before !== undefined) store.delete(key, before)
      }
      for (const predicate of [ownedBy('a'), ownedBy('b', 1), ownedBy('c', true), ownedBy('none')]) {
        const rows = [...store.rows].filter(([, row]) => predicate.matches(row))
        expect(found(store, predicate)).toEqual(rows.map(([key]) => key).sort())
      }
    }),
    { numRuns: 300 },
  )
})

test('[D9] an index is built when there is time after the first query, unless a row changes meanwhile', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const rows = new Map<string, object>()
  for (let n = 0; n < 50_000; n++) rows.set(`k${n}`, { id: `k${n}`, owner: n % 1000 })
  const closing = new AbortController()
  const store = new RowStore('id', closing.signal)
  store.adopt(rows)
  let looks = 0
  const counted = (owner: number): Predicate => {
    const predicate = ownedBy(owner)
    return {
      ...predicate,
      matches: (row) => {
        looks++
        return predicate.matches(row)
      },
    }
  }
  const ask = (owner: number): [found: number, looks: number] => {
    looks = 0
    return [found(store, counted(owner)).length, looks]
  }
  expect(ask(1)).toEqual([50, 50_000])
  await vi.advanceTimersByTimeAsync(1)
  store.put('k1', rows.get('k1'), { id: 'k1', owner: 2 })
  await vi.runAllTimersAsync()
  expect(ask(1)).toEqual([49, 50_000])
  await vi.runAllTimersAsync()
  expect(ask(1)).toEqual([49, 49])
  store.put('k2', rows.get('k2'), { id: 'k2', owner: 1 })
  expect(ask(1)).toEqual([50, 50])
  expect(ask(2)).toEqual([50, 50])
  // Nothing runs after the end (SPEC L1).
  const closed = new RowStore('id', closing.signal)
  closed.adopt(rows)
  found(closed, ownedBy(1))
  expect(vi.getTimerCount()).toBe(1)
  closing.abort()
  expect(vi.getTimerCount()).toBe(0)
})

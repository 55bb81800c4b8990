import { SortedMap } from '@tanstack/db'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keepKeysInBlocks } from '../../src/collections/large-sorted-map.ts'

type Key = string | number
type Compare = (left: number, right: number) => number

/** A map of TanStack's, and what it is to hold, in no order. */
interface Pair {
  readonly rows: SortedMap<Key, number>
  readonly expected: Map<Key, number>
}

/** More than fit in the small ones. */
const many = 3000

function fill(count: number, compare?: Compare): Pair {
  const pair: Pair = { rows: new SortedMap(compare), expected: new Map() }
  for (let index = 0; index < count; index++) {
    const key = keyOf((index * 7919) % count)
    pair.rows.set(key, index % 500)
    pair.expected.set(key, index % 500)
  }
  return pair
}

/** Text, and some numbers. */
function keyOf(index: number): Key {
  return index % 10 === 0 ? index : `key ${String(index).padStart(6, '0')}`
}

function put({ rows, expected }: Pair, key: Key, row: number, deferOrder?: boolean): void {
  expect(rows.set(key, row, deferOrder)).toBe(rows)
  expected.set(key, row)
}

function remove({ rows, expected }: Pair, key: Key, deferOrder?: boolean): void {
  expect(rows.delete(key, deferOrder)).toBe(expected.delete(key))
}

/** Everything that a map says, beside what a map of TanStack's says that was sorted in one go. */
function check({ rows, expected }: Pair, compare?: Compare): void {
  const sorted = new SortedMap<Key, number>(compare)
  for (const [key, row] of expected) sorted.set(key, row, true)
  sorted.restoreOrder()
  const entries = [...sorted]
  const visited: [Key, number][] = []
  rows.forEach((row, key) => void visited.push([key, row]))
  // Texts of thousands of rows are compared sooner than the rows.
  const text = JSON.stringify(entries)
  for (const each of [[...rows], [...rows.entries()], visited]) expect(JSON.stringify(each)).toBe(text)
  expect(JSON.stringify([...rows.keys()])).toBe(JSON.stringify(entries.map(([key]) => key)))
  expect(JSON.stringify([...rows.values()])).toBe(JSON.stringify(entries.map(([, row]) => row)))
  expect(rows.size).toBe(expected.size)
}

const orders: readonly (readonly [string, Compare | undefined])[] = [
  ['keys', undefined],
  ['values', (left, right) => left - right],
]

const step = fc.record({
  do: fc.constantFrom('put', 'put', 'remove', 'put deferred', 'remove deferred', 'look', 'drain', 'clear'),
  index: fc.nat(2 * many),
  row: fc.nat(500),
})

test.each(orders)(
  '[fact 8] a large map in the order of its %s says what TanStack says of one',
  (_, compare) => {
    keepKeysInBlocks()
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 100 }), (steps) => {
        const pair = fill(many, compare)
        for (const { do: what, index, row } of steps) {
          const key = keyOf(index)
          if (what.startsWith('put')) put(pair, key, row, what.endsWith('deferred'))
          else if (what.startsWith('remove')) remove(pair, key, what.endsWith('deferred'))
          else if (what === 'look') expect([...pair.rows.keys()].length).toBe(pair.expected.size)
          else if (what === 'drain') {
            for (let at = index; at < index + 700; at++) {
              pair.rows.delete(keyOf(at))
              pair.expected.delete(keyOf(at))
            }
          } else if (row < 20) {
            pair.rows.clear()
            pair.expected.clear()
          }
          expect(pair.rows.get(key)).toBe(pair.expected.get(key))
          expect(pair.rows.has(key)).toBe(pair.expected.has(key))
        }
        check(pair, compare)
      }),
      { numRuns: 25, seed: 11 },
    )
  },
)

test('[fact 8] a collection that has become large is the same object, and has its rows in the same order', () => {
  keepKeysInBlocks()
  const pair = fill(many)
  const before = Object.getPrototypeOf(pair.rows) as object
  const [first] = pair.rows.keys()
  remove(pair, String(first))
  expect(before).not.toBe(SortedMap.prototype)
  expect(pair.rows).toBeInstanceOf(SortedMap)
  check(pair)
  pair.rows.clear()
  pair.expected.clear()
  expect(Object.getPrototypeOf(pair.rows)).toBe(SortedMap.prototype)
  put(pair, 'again', 1)
  check(pair)
})

test('[fact 8] keys that have no order leave a map as TanStack has it', () => {
  keepKeysInBlocks()
  const pair = fill(many)
  // As the rows of a group by a field that is null.
  pair.rows.set(null as never, 5)
  expect(Object.getPrototypeOf(pair.rows)).toBe(SortedMap.prototype)
  expect(pair.rows.get(null as never)).toBe(5)
  put(pair, 'key behind', 1)
  expect([...pair.rows.keys()].filter((key) => (key as unknown) !== null)).toEqual(
    [...pair.expected.keys()].sort(byKey),
  )
  pair.rows.delete(null as never)
  expect(Object.getPrototypeOf(pair.rows)).toBe(SortedMap.prototype)
})

/** Text before numbers. */
function byKey(left: Key, right: Key): number {
  if (typeof left === typeof right) return left < right ? -1 : 1
  return typeof left === 'string' ? -1 : 1
}

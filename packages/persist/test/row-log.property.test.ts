import type { StoredChange, StoredRow } from '@streamdb/log'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowLog } from '../src/row-log.ts'

const keys = fc.constantFrom('a', 'b', 'c', 'd')
const change: fc.Arbitrary<StoredChange> = fc.oneof(
  fc.tuple(fc.constant('user'), keys, fc.nat(9)),
  fc.tuple(fc.constant('user'), keys, fc.nat(9), fc.constantFrom(2, 3)),
  fc.tuple(fc.constant('user'), keys),
)

/** Applies changes one by one to rows in order. */
function applied(rows: readonly StoredRow[], changes: readonly StoredChange[]): StoredRow[] {
  const byKey = new Map(rows.map((row) => [row[1], row]))
  for (const next of changes) {
    if (next.length === 2) byKey.delete(next[1])
    else byKey.set(next[1], next)
  }
  return [...byKey.values()]
}

function merged(rows: readonly StoredRow[], changes: Iterable<StoredChange>): readonly StoredRow[] {
  const log = new RowLog()
  for (const each of changes) log.add(each)
  const { next, rest } = log.merge()
  return [...next(rows), ...rest()]
}

test('[S4] changes that are folded lead to the rows that they lead to one by one, in their order', () => {
  fc.assert(
    fc.property(fc.array(change), fc.array(change, { maxLength: 30 }), (first, second) => {
      const rows = applied([], first)
      expect(merged(rows, second)).toEqual(applied(rows, second))
      const [log, later] = [new RowLog(), new RowLog()]
      for (const each of first) log.add(each)
      for (const each of second) later.add(each)
      log.addAll(later)
      expect(merged([], log.changes())).toEqual(applied(rows, second))
    }),
  )
})

test('[S4] keys that come and go thousands of times leave the others as they are', () => {
  const rows: StoredRow[] = [
    ['user', 'a', 1],
    ['user', 'gone', 2],
  ]
  const log = new RowLog()
  log.put('user', 'b', 1, 2)
  log.delete('user', 'gone')
  for (let round = 0; round < 5000; round++) {
    log.put('user', 'gone', round)
    log.delete('user', 'gone')
  }
  log.refuse(['user', 'c', 'wrong', 1, true])
  const expected = [rows[0], ['user', 'b', 1, 2], ['user', 'c', 'wrong', 1, true]]
  const { next, rest } = log.merge()
  expect([...next(rows), ...rest()]).toEqual(expected)
  expect(merged(rows, log.changes())).toEqual(expected)
  expect(log.size).toBe(3)
  log.put('user', 'gone', 'again')
  expect(merged(rows, log.changes()).at(-1)).toEqual(['user', 'gone', 'again'])
})

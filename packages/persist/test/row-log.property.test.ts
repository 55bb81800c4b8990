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

const refusal: fc.Arbitrary<StoredChange> = fc.tuple(
  fc.constant('user'),
  keys,
  fc.constantFrom('wrong', 'worse'),
  fc.constant(1),
  fc.constant(true as const),
)

/** What is stored of each key: the row, and behind it what was refused since. */
function storedByKey(changes: Iterable<StoredChange>): Record<string, StoredChange[]> {
  const byKey: Record<string, StoredChange[]> = {}
  for (const next of changes) {
    if (next.length === 2) delete byKey[next[1]]
    else byKey[next[1]] = next[4] === true ? [...(byKey[next[1]] ?? []), next] : [next]
  }
  return byKey
}

const gone: StoredChange = ['user', 'a']
const wrong: StoredChange = ['user', 'a', 'wrong', 1, true]

test('[S4] of each key the row is kept, and what was refused since, whatever was saved between', () => {
  const some = fc.array(fc.oneof(change, refusal), { maxLength: 12 })
  fc.assert(
    fc.property(some, some, some, (first, second, third) => {
      const before = merged(merged([], first), second)
      expect(storedByKey(merged(before, third))).toEqual(storedByKey([...first, ...second, ...third]))
      const [log, later] = [new RowLog(), new RowLog()]
      for (const each of second) log.add(each)
      for (const each of third) later.add(each)
      log.addAll(later)
      const once = merged(merged([], first), log.changes())
      expect(storedByKey(once)).toEqual(storedByKey([...first, ...second, ...third]))
    }),
    {
      numRuns: 500,
      // What failed once: a refused row that a deletion, or a put, did not take along.
      examples: [
        [[gone, wrong, gone], [], []],
        [[gone, wrong, ['user', 'a', 0], gone], [], []],
      ],
    },
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

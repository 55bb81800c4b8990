import { BTreeIndex, createCollection, createLiveQueryCollection, gt, gte, lt } from '@tanstack/db'
import { expect, test } from 'vitest'
import { ComparisonIndex } from '../../src/collections/comparison-index.ts'

interface Row {
  readonly id: string
  readonly rank?: number | null | undefined
}

/** A collection with an index for an order of ranks, and a hand that writes rows into it. */
function ranked(defaultIndexType: typeof BTreeIndex, direction: 'asc' | 'desc', nulls: 'first' | 'last') {
  let write: (type: 'insert' | 'update', row: Row) => void = () => undefined
  const rows = createCollection<Row, string>({
    ...{ id: `ranked-${crypto.randomUUID()}`, getKey: ({ id }) => id, startSync: true },
    ...{ autoIndex: 'eager', defaultIndexType },
    sync: {
      sync: ({ begin, write: put, commit, markReady }) => {
        write = (type, value) => {
          begin()
          put({ type, value })
          void commit()
        }
        markReady()
      },
    },
  })
  const first = createLiveQueryCollection((q) =>
    q
      .from({ row: rows })
      .orderBy(({ row }) => row.rank, { direction, nulls })
      .limit(1),
  )
  first.subscribeChanges(() => undefined)
  return { rows, write }
}

const orders = (['asc', 'desc'] as const).flatMap((direction) =>
  (['first', 'last'] as const).map((nulls) => ({ direction, nulls })),
)

test.each(orders)(
  '[fact 5] by an index for $direction, nulls $nulls, a comparison finds no row without a value, and each that gets one',
  ({ direction, nulls }) => {
    const { rows, write } = ranked(ComparisonIndex, direction, nulls)
    write('insert', { id: 'null', rank: null })
    write('insert', { id: 'none' })
    write('insert', { id: 'two', rank: 2 })
    const queries = [gt, gte, lt].map((compare) =>
      createLiveQueryCollection((q) => q.from({ row: rows }).where(({ row }) => compare(row.rank, 2))),
    )
    for (const query of queries) query.subscribeChanges(() => undefined)
    const found = () => queries.map(({ toArray }) => toArray.map(({ id }) => id).sort())
    expect(found()).toEqual([[], ['two'], []])
    write('update', { id: 'null', rank: 3 })
    write('update', { id: 'none', rank: 1 })
    expect(found()).toEqual([['null'], ['null', 'two'], ['none']])
    write('update', { id: 'null', rank: null })
    expect(found()).toEqual([[], ['two'], ['none']])
  },
)

test("[fact 5] by TanStack's own, a row without a value is left out when it gets one", () => {
  const { rows, write } = ranked(BTreeIndex, 'desc', 'first')
  write('insert', { id: 'null', rank: null })
  const above = createLiveQueryCollection((q) => q.from({ row: rows }).where(({ row }) => gt(row.rank, 0)))
  above.subscribeChanges(() => undefined)
  write('update', { id: 'null', rank: 1 })
  // Once it is there, ComparisonIndex is no longer needed.
  expect(above.toArray).toEqual([])
})

import { BTreeIndex, createCollection, createLiveQueryCollection, eq, gt } from '@tanstack/db'
import type { LoadSubsetOptions, SyncConfig } from '@tanstack/db'
import { describe, expect, test } from 'vitest'
import { predicateOf } from '../../src/collections/on-demand/predicate.ts'
import { rowOrderOf } from '../../src/collections/on-demand/row-order.ts'

interface Row {
  readonly id: string
  readonly owner: string
  readonly rank: number
}

const all: readonly Row[] = Array.from({ length: 20 }, (_, n) => ({
  id: `r${String(n).padStart(2, '0')}`,
  owner: `o${n % 4}`,
  rank: n >> 1,
}))

let sources = 0

/** A source that answers every request with the rows that the request asks for, and takes note of it. */
function createSource(rows: readonly Row[] = all) {
  const loads: LoadSubsetOptions[] = []
  const unloads: LoadSubsetOptions[] = []
  let params: Parameters<SyncConfig<Row, string>['sync']>[0] | undefined
  const collection = createCollection<Row, string>({
    id: `on-demand-${++sources}`,
    getKey: ({ id }) => id,
    gcTime: 0,
    syncMode: 'on-demand',
    autoIndex: 'eager',
    defaultIndexType: BTreeIndex,
    sync: {
      rowUpdateMode: 'full',
      sync: (given) => {
        params = given
        given.markReady()
        return {
          loadSubset(options) {
            loads.push(options)
            const { matches } = predicateOf(options.where)
            const order = options.orderBy && rowOrderOf(options.orderBy)
            const found = rows.filter(matches)
            if (order) found.sort((a, b) => order.compare(a, b))
            const { offset = 0, limit = Infinity } = options
            given.begin()
            for (const value of found.slice(0, offset + limit)) given.write({ type: 'update', value })
            return given.commit()
          },
          unloadSubset: (options) => void unloads.push(options),
        }
      },
    },
  })
  const put = (...changed: Row[]): void => {
    params?.begin()
    for (const value of changed) params?.write({ type: 'update', value })
    void params?.commit()
  }
  return { collection, loads, unloads, put }
}

describe('what a source is asked for', () => {
  test('the condition of a query, once; the very object again when the query ends', async () => {
    const { collection, loads, unloads } = createSource()
    const live = createLiveQueryCollection((q) =>
      q.from({ r: collection }).where(({ r }) => eq(r.owner, 'o1')),
    )
    live.subscribeChanges(() => undefined)
    // Synchronously: a query that suspends is answered in its first render.
    expect([live.status, live.size]).toEqual(['ready', 5])
    expect(loads).toHaveLength(1)
    expect(predicateOf(loads[0]?.where)).toMatchObject({
      isExact: true,
      equalities: [{ path: ['owner'], values: new Set(['o1']) }],
    })
    expect([loads[0]?.limit, loads[0]?.orderBy]).toEqual([undefined, undefined])
    expect(loads[0]?.subscription).toBeDefined()
    await live.cleanup()
    expect(unloads).toEqual(loads)
    expect(unloads[0]).toBe(loads[0])
  })

  test('the keys of a join, as one `in` on the joined field', () => {
    const { collection } = createSource()
    const owners = createSource([{ id: 'o1', owner: '', rank: 0 }])
    const live = createLiveQueryCollection((q) =>
      q
        .from({ r: collection })
        .where(({ r }) => gt(r.rank, 7))
        .leftJoin({ o: owners.collection }, ({ r, o }) => eq(r.owner, o.id)),
    )
    live.subscribeChanges(() => undefined)
    expect(live.size).toBe(4)
    expect(owners.loads.map(({ where }) => predicateOf(where).equalities)).toEqual([
      [{ path: ['id'], values: new Set(['o0', 'o1', 'o2', 'o3']) }],
    ])
  })

  test('of a window its order with the collation that it has, and its rows from the first one on', () => {
    const { collection, loads } = createSource()
    const live = createLiveQueryCollection((q) =>
      q
        .from({ r: collection })
        .orderBy(({ r }) => r.rank)
        .limit(3)
        .offset(2),
    )
    live.subscribeChanges(() => undefined)
    expect(live.toArray.map(({ id }) => id)).toEqual(['r02', 'r03', 'r04'])
    const [first] = loads
    expect([first?.limit, first?.offset, first?.cursor]).toEqual([5, 0, undefined])
    expect(first?.orderBy?.[0]?.compareOptions).toMatchObject({
      direction: 'asc',
      nulls: 'first',
      stringSort: 'locale',
    })
    // Then the rows that are equal to the last one, in case that they are not there.
    expect(predicateOf(loads[1]?.where).equalities).toEqual([{ path: ['rank'], values: new Set([2]) }])
  })

  test('a window that moves asks for the rest behind the rows that it has: with those before as `offset`', () => {
    const { collection, loads } = createSource()
    const live = createLiveQueryCollection((q) =>
      q
        .from({ r: collection })
        .orderBy(({ r }) => r.rank)
        .limit(2),
    )
    live.subscribeChanges(() => undefined)
    const before = loads.length
    void live.utils.setWindow({ limit: 6, offset: 0 })
    const page = loads.slice(before).find(({ limit }) => limit !== undefined)
    expect((page?.offset ?? 0) + (page?.limit ?? 0)).toBeGreaterThanOrEqual(6)
    expect(page?.cursor).toBeDefined()
  })
})

test('by locale there is no cursor: without a boundary the whole source is not asked for', () => {
  const whole = createSource()
  const byId = (collection: typeof whole.collection) =>
    createLiveQueryCollection((q) =>
      q
        .from({ r: collection })
        .orderBy(({ r }) => r.id)
        .limit(2),
    )
  byId(whole.collection).subscribeChanges(() => undefined)
  expect(whole.loads.some(({ limit, where }) => limit === undefined && where === undefined)).toBe(true)

  const part = createSource()
  const subscribe = part.collection.subscribeChanges.bind(part.collection)
  part.collection.subscribeChanges = (...args: Parameters<typeof subscribe>) => {
    const subscription = subscribe(...args)
    subscription.readOrderedSnapshot = () => []
    return subscription
  }
  const live = byId(part.collection)
  live.subscribeChanges(() => undefined)
  expect(live.toArray.map(({ id }) => id)).toEqual(['r00', 'r01'])
  expect(part.loads.every(({ limit }) => limit !== undefined)).toBe(true)
})

test('a query whose source is ready takes the rows of a synchronous commit inside of its request', () => {
  const { collection, put } = createSource()
  const live = createLiveQueryCollection((q) => q.from({ r: collection }).where(({ r }) => eq(r.owner, 'o1')))
  live.subscribeChanges(() => undefined)
  put({ id: 'new', owner: 'o1', rank: 1 }, { id: 'other', owner: 'o2', rank: 1 })
  expect([live.size, collection.size]).toEqual([6, 7])
})

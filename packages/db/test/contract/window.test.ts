import { BTreeIndex, createLiveQueryCollection } from '@tanstack/db'
import { expect, test } from 'vitest'
import { overlay } from './overlays.ts'
import { createSource, put, remove } from './source.ts'
import { countPendingRows } from '../../src/collections/window-boundary.ts'
import type { AnyCollection, SubscribeOptions, Subscription } from '../../src/collections/types.ts'

/** A source whose subscriptions are given to `intercept` when they are made, and a query of its three greatest names. */
function startWindow(
  intercept: (subscription: Subscription, collection: AnyCollection, options: SubscribeOptions) => void,
) {
  const source = createSource('window', { autoIndex: 'eager', defaultIndexType: BTreeIndex })
  const subscribe = source.collection.subscribeChanges.bind(source.collection)
  source.collection.subscribeChanges = (...args: Parameters<typeof subscribe>) => {
    const subscription = subscribe(...args)
    // What is intercepted never looks at the type of a row.
    intercept(subscription, source.collection as unknown as AnyCollection, args[1] as SubscribeOptions)
    return subscription
  }
  const live = createLiveQueryCollection((q) =>
    q
      .from({ row: source.collection })
      .orderBy(({ row }) => row.name, 'desc')
      .limit(3),
  )
  return { ...source, live, names: () => live.toArray.map(({ name }) => name) }
}

/** Tells the query of `keys` only, as the window filter does. */
function tellOnly(subscription: Subscription, keys: readonly string[]): void {
  const emit = subscription.emitEvents.bind(subscription)
  subscription.emitEvents = (changes) => emit(changes.filter(({ key }) => keys.includes(String(key))))
}

const rows = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => put(name, { name }))

test('[F-real-1] a loader that was not told of its request in an empty collection asks for its whole window', async () => {
  let isBeforeLoad = true
  const requests: (number | undefined)[] = []
  const window = startWindow((subscription) => {
    tellOnly(subscription, ['f'])
    const request = subscription.requestLimitedSnapshot.bind(subscription)
    subscription.requestLimitedSnapshot = (options) => {
      requests.push(options.minValues === undefined ? options.limit : undefined)
      request(isBeforeLoad ? { ...options, onLoadSubsetResult: () => undefined } : options)
    }
  })
  await window.live.preload()
  isBeforeLoad = false
  window.commit(...rows)
  expect(window.names()).toEqual(['f', 'e', 'd'])
  // Once in vain; then from the beginning.
  expect(requests.slice(0, 2)).toEqual([3, 3])
  window.commit(remove('f'))
  expect(window.names()).toEqual(['e', 'd', 'c'])
})

test('[F-real-1] a loader reads its boundary by `readOrderedSnapshot` on its subscription', async () => {
  let reads = 0
  const window = startWindow((subscription) => {
    const read = subscription.readOrderedSnapshot.bind(subscription)
    subscription.readOrderedSnapshot = (options) => {
      reads++
      return read(options)
    }
  })
  window.commit(...rows)
  await window.live.preload()
  expect(window.names()).toEqual(['f', 'e', 'd'])
  expect(reads).toBeGreaterThan(0)
})

test('[F-real-1] a window that is full of pending rows has a boundary, and goes on behind them when they go', async () => {
  // By itself TanStack 0.15 shows the rows a, b and c in the end: those that it heard of.
  const window = startWindow((subscription, collection, options) =>
    countPendingRows(collection, subscription, options),
  )
  window.commit(...rows)
  const mine = ['x', 'y', 'z']
  overlay(() => void window.collection.insert(mine.map((name) => ({ id: name, name }))))
  await window.live.preload()
  window.commit(put('a', { name: 'aa' }))
  window.commit(put('b', { name: 'bb' }))
  window.commit(put('c', { name: 'cc' }))
  overlay(() => void window.collection.delete(mine))
  expect(window.names()).toEqual(['f', 'e', 'd'])
})

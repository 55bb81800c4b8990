import { BTreeIndex, createLiveQueryCollection } from '@tanstack/db'
import { expect, test } from 'vitest'
import { overlay } from './overlays.ts'
import { createSource, put, remove } from './source.ts'
import type { Source } from './source.ts'

type Subscription = ReturnType<Source['collection']['subscribeChanges']>

/** A source whose subscriptions are given to `intercept` when they are made, and a query of its three greatest names. */
function startWindow(intercept: (subscription: Subscription) => void) {
  const source = createSource('window', { autoIndex: 'eager', defaultIndexType: BTreeIndex })
  const subscribe = source.collection.subscribeChanges.bind(source.collection)
  source.collection.subscribeChanges = (...args: Parameters<typeof subscribe>) => {
    const subscription = subscribe(...args)
    intercept(subscription)
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

test('[F-real-1] by itself TanStack finds no boundary in a window that is full of pending rows', async () => {
  const window = startWindow(() => undefined)
  window.commit(...rows)
  const mine = ['x', 'y', 'z']
  overlay(() => void window.collection.insert(mine.map((name) => ({ id: name, name }))))
  await window.live.preload()
  // A row far behind the window is heard of, and taken for the next one when the pending rows are deleted.
  window.commit(put('a', { name: 'aa' }))
  window.commit(put('b', { name: 'bb' }))
  window.commit(put('c', { name: 'cc' }))
  overlay(() => void window.collection.delete(mine))
  // Where this fails, upstream has mended it: then window-boundary.ts can go.
  expect(window.names()).not.toEqual(['f', 'e', 'd'])
})

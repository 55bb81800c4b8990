import { BTreeIndex, createLiveQueryCollection } from '@tanstack/db'
import { describe, expect, test } from 'vitest'
import { createSource, put } from './source.ts'
import type { Source } from './source.ts'

type Subscription = ReturnType<Source['collection']['subscribeChanges']>
type Emitted = Parameters<Subscription['emitEvents']>[0]

// What src/held-subscription.ts stands on.
describe('a subscription', () => {
  test('is told of changes by `emitEvents` on itself, which may as well be called later, for all at once', () => {
    const { collection, commit } = createSource('held')
    const heard: string[][] = []
    const subscription = collection.subscribeChanges((changes) => heard.push(changes.map(({ key }) => key)))
    const held: Emitted[] = []
    const emit = subscription.emitEvents.bind(subscription)
    Object.assign(subscription, { emitEvents: (changes: Emitted) => held.push(changes) > 0 })
    commit(put('a'))
    commit(put('b'))
    expect([heard, collection.size]).toEqual([[], 2])
    emit(held.flat())
    expect(heard).toEqual([['a', 'b']])
  })

  test('of an ordered and limited query asks for its window by `requestLimitedSnapshot` on itself, with where it began', async () => {
    const { collection } = createSource('window', { autoIndex: 'eager', defaultIndexType: BTreeIndex })
    const windows: unknown[] = []
    const subscribe = collection.subscribeChanges.bind(collection)
    collection.subscribeChanges = (...args: Parameters<typeof subscribe>) => {
      const subscription = subscribe(...args)
      const request = subscription.requestLimitedSnapshot.bind(subscription)
      subscription.requestLimitedSnapshot = (window) => {
        windows.push([args[1]?.whereExpression, window.limit, window.orderBy.length])
        request(window)
      }
      return subscription
    }
    const live = createLiveQueryCollection((q) =>
      q
        .from({ row: collection })
        .orderBy(({ row }) => row.name, 'desc')
        .limit(3)
        .offset(2),
    )
    await live.preload()
    expect(windows[0]).toEqual([undefined, 5, 1])
  })
})

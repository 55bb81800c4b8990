import { createCollection, createLiveQueryCollection, type Collection } from '@tanstack/db'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSource, put, type Row } from './source.ts'

let complaints: string[] = []

beforeEach(() => {
  complaints = []
  vi.spyOn(console, 'error').mockImplementation((message: unknown) => void complaints.push(String(message)))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function createIdle(options: { gcTime?: number }): {
  collection: Collection<Row, string>
  starts: () => number
} {
  let starts = 0
  const collection = createCollection<Row, string>({
    getKey: (row) => row.id,
    ...options,
    sync: {
      sync({ markReady }) {
        starts++
        markReady()
      },
    },
  })
  return { collection, starts: () => starts }
}

test.each<[gcTime: number, status: string]>([
  [1, 'cleaned-up'],
  [0, 'ready'],
  [Infinity, 'ready'],
])('[gc] a collection with gcTime %s that nobody subscribes to is %s a day later', async (gcTime, status) => {
  vi.useFakeTimers()
  const { collection } = createIdle({ gcTime })
  collection.subscribeChanges(() => {}).unsubscribe()
  await vi.advanceTimersByTimeAsync(24 * 60 * 60 * 1_000)
  expect(collection.status).toBe(status)
})

test('[gc] by default it is cleaned up five minutes after the last subscriber', async () => {
  vi.useFakeTimers()
  const { collection } = createIdle({})
  collection.subscribeChanges(() => {}).unsubscribe()
  await vi.advanceTimersByTimeAsync(4 * 60 * 1_000)
  expect(collection.status).toBe('ready')
  await vi.advanceTimersByTimeAsync(2 * 60 * 1_000)
  expect(collection.status).toBe('cleaned-up')
})

test('[start] sync starts with startSyncImmediate(), preload() or a subscriber, and once', async () => {
  const { collection, starts } = createIdle({ gcTime: 0 })
  expect([collection.status, starts()]).toEqual(['idle', 0])
  collection.startSyncImmediate()
  expect([collection.status, starts()]).toEqual(['ready', 1])
  collection.startSyncImmediate()
  await collection.preload()
  collection.subscribeChanges(() => {})
  expect(starts()).toBe(1)

  const { collection: preloaded, starts: preloads } = createIdle({ gcTime: 0 })
  await preloaded.preload()
  expect([preloaded.status, preloads()]).toEqual(['ready', 1])
})

test('[error] markError makes preload() reject with its very error, and markReady recovers', async () => {
  const { collection, sync, commit } = createSource('users', { ready: false })
  const failure = new Error('no stream')
  const first = collection.preload()
  sync.markError(failure)
  await expect(first).rejects.toBe(failure)
  await expect(collection.preload()).rejects.toBe(failure)
  expect(collection.status).toBe('error')
  commit(put('1'))
  expect([collection.status, collection.size]).toEqual(['error', 1])
  sync.markReady()
  expect(collection.status).toBe('ready')
  await expect(collection.preload()).resolves.toBeUndefined()
})

test('[error] in status error a row cannot be inserted optimistically, and reads and sync go on', () => {
  const { collection, sync, commit } = createSource('users')
  commit(put('1'))
  sync.markError(new Error('no stream'))
  expect(() => collection.insert({ id: '2' })).toThrow(/error/)
  expect(commit(put('3'))).toBe(true)
  expect(collection.size).toBe(2)
})

test('[error] a live query follows its source into error and back; its preload() rejects with an error of its own', async () => {
  const { collection, sync } = createSource('users', { ready: false })
  const live = createLiveQueryCollection((q) => q.from({ user: collection }))
  const loading = live.preload()
  sync.markError(new Error('no stream'))
  await expect(loading).rejects.toThrow(/Source collection 'users-\d+' entered error state/)
  await expect(live.preload()).rejects.toThrow(/entered error state/)
  expect(live.status).toBe('error')
  expect(complaints).toEqual([expect.stringContaining('[Live Query Error]')])
  sync.markReady()
  expect(live.status).toBe('ready')
  await expect(live.preload()).resolves.toBeUndefined()
})

test('[error] a preload() that has succeeded once goes on succeeding in a later error: ask the status', async () => {
  const { collection, sync } = createSource('users')
  const live = createLiveQueryCollection((q) => q.from({ user: collection }))
  await Promise.all([collection.preload(), live.preload()])
  sync.markError(new Error('no stream'))
  expect([collection.status, live.status]).toEqual(['error', 'error'])
  await expect(collection.preload()).resolves.toBeUndefined()
  await expect(live.preload()).resolves.toBeUndefined()
  sync.markReady()
  expect([collection.status, live.status]).toEqual(['ready', 'ready'])
})

test('[cleanup] after cleanup() the sync parameters of the old run do nothing, and preload() starts anew', async () => {
  const { collection, starts } = createIdle({ gcTime: 0 })
  await collection.preload()
  await collection.cleanup()
  expect(collection.status).toBe('cleaned-up')
  await collection.preload()
  expect([collection.status, starts()]).toEqual(['ready', 2])

  const { collection: old, sync, commit } = createSource('users')
  commit(put('1'))
  await old.cleanup()
  expect(commit(put('2'))).toBe(true)
  sync.markError(new Error('late'))
  expect([old.status, old.size]).toEqual(['cleaned-up', 0])
})

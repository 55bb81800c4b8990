import { createLiveQueryCollection } from '@tanstack/db'
import { expect, test } from 'vitest'
import { createSource, put, remove, rowsOf } from './source.ts'

test("[fact 1] with rowUpdateMode 'full' a sync update replaces the row", () => {
  const { collection, commit } = createSource('users')
  commit(put('1', { name: 'Ada', userId: 'u' }))
  commit(put('1', { name: 'Eva' }))
  expect(rowsOf(collection)).toEqual([{ id: '1', name: 'Eva' }])
})

test("[fact 1] with rowUpdateMode 'full' a sync update of an absent key puts it, as an insert", () => {
  const { collection, commit, published } = createSource('users')
  commit(put('1', { name: 'Ada' }))
  expect(rowsOf(collection)).toEqual([{ id: '1', name: 'Ada' }])
  expect(published).toEqual([['insert 1 Ada']])
})

test('[fact 1] by default a sync update merges: a field that it dropped lives on', () => {
  const { collection, commit } = createSource('users', { rowUpdateMode: 'partial' })
  commit(put('1', { name: 'Ada', userId: 'u' }))
  commit(put('1', { name: 'Eva' }))
  expect(rowsOf(collection)).toEqual([{ id: '1', name: 'Eva', userId: 'u' }])
})

test('[fact 1] a sync delete of an absent key does nothing', () => {
  const { collection, commit, published } = createSource('users')
  commit(remove('absent'))
  expect(collection.size).toBe(0)
  expect(published).toEqual([])
})

test('[fact 1] a sync insert of a present key with other fields throws, an update never does', () => {
  const { sync, commit } = createSource('users')
  commit(put('1', { name: 'Ada' }))
  sync.begin()
  expect(() => sync.write({ type: 'insert', value: { id: '1', name: 'Eva' } })).toThrow(/already exists/)
  sync.write({ type: 'update', value: { id: '1', name: 'Eva' } })
  expect(sync.commit()).toBe(true)
})

test('[fact 1] only the last write of a key in a transaction is seen, and an identical row publishes nothing', () => {
  const { commit, published } = createSource('users')
  commit(put('1', { name: 'Ada' }), remove('1'), put('1', { name: 'Eva' }), put('2'), remove('2'))
  expect(published).toEqual([['insert 1 Eva']])
  commit(put('1', { name: 'Eva' }))
  expect(published).toHaveLength(1)
})

test('[fact 1] the written object is not changed, and a field called __proto__ is kept as its own', () => {
  const { collection, commit } = createSource('users')
  // JSON.parse makes `__proto__` a field of its own, as it comes off the wire; a Row may have other fields.
  const row = JSON.parse('{"id":"1","__proto__":{"hostile":true}}') as { id: string }
  commit({ type: 'put', row })
  expect(Object.keys(row)).toEqual(['id', '__proto__'])
  const shown = collection.get('1') ?? {}
  expect(Object.hasOwn(shown, '__proto__')).toBe(true)
  expect(Reflect.get(shown, 'hostile')).toBeUndefined()
})

test('[fact 2] truncate, write and commit are legal only after begin', () => {
  const { sync } = createSource('users')
  expect(() => sync.truncate()).toThrow(/No pending sync transaction/)
  expect(() => sync.write({ type: 'delete', key: '1' })).toThrow(/No pending sync transaction/)
  expect(() => sync.commit()).toThrow(/No pending sync transaction/)
})

test('[fact 2] truncate and the writes after it reach subscribers as one change, without an empty moment', () => {
  const { collection, sync, commit, published } = createSource('users')
  commit(put('1', { name: 'Ada' }), put('2', { name: 'Bob' }))
  const sizes: number[] = []
  collection.subscribeChanges(() => void sizes.push(collection.size), { includeInitialState: false })
  published.length = 0
  sync.begin()
  sync.truncate()
  sync.write({ type: 'update', value: { id: '1', name: 'Ada' } })
  sync.write({ type: 'update', value: { id: '3', name: 'Cy' } })
  expect(collection.size).toBe(2)
  sync.commit()
  expect(sizes).toEqual([2])
  // A direct subscriber sees the row that stayed as gone and come again, within the one call.
  expect(published).toEqual([['delete 1 Ada', 'delete 2 Bob', 'insert 1 Ada', 'insert 3 Cy']])
})

test('[fact 2] a live query over a truncated collection publishes only what differs', async () => {
  const { collection, sync, commit } = createSource('users')
  commit(put('1', { name: 'Ada' }), put('2', { name: 'Bob' }))
  const live = createLiveQueryCollection((q) => q.from({ user: collection }))
  await live.preload()
  const published: string[][] = []
  live.subscribeChanges((changes) => void published.push(changes.map(({ type, key }) => `${type} ${key}`)), {
    includeInitialState: false,
  })
  sync.begin()
  sync.truncate()
  sync.write({ type: 'update', value: { id: '1', name: 'Ada' } })
  sync.write({ type: 'update', value: { id: '3', name: 'Cy' } })
  sync.commit()
  expect(published.map((changes) => changes.sort())).toEqual([['delete 2', 'insert 3']])
})

test('[fact 2] a truncate keeps the optimistic rows on top, and drops the writes before it', () => {
  const { collection, sync, commit } = createSource('users', { onInsert: () => new Promise<void>(() => {}) })
  commit(put('1', { name: 'Ada' }))
  collection.insert({ id: 'mine', name: 'optimistic' })
  sync.begin()
  sync.write({ type: 'update', value: { id: 'before', name: 'dropped' } })
  sync.truncate()
  sync.write({ type: 'update', value: { id: '2', name: 'Bob' } })
  sync.commit()
  expect(rowsOf(collection)).toEqual([
    { id: '2', name: 'Bob' },
    { id: 'mine', name: 'optimistic' },
  ])
})

test('[fact 2] a truncate marks the collection ready, unless told not to', () => {
  const { collection, sync } = createSource('users', { ready: false })
  sync.begin()
  sync.truncate({ markReady: false })
  sync.commit()
  expect(collection.status).toBe('loading')
  sync.begin()
  sync.truncate()
  sync.commit()
  expect(collection.status).toBe('ready')
})

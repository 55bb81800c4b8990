import { createOptimisticAction } from '@tanstack/db'
import { expect, test } from 'vitest'
import { overlay, persist, rename, start } from './overlays.ts'
import { createSource, put, rowsOf } from './source.ts'

test('[fact 4] a persisting transaction holds every sync commit to its collection, not to others', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const other = start()
  const { transaction, finish } = persist(() => rename(source, '1', 'mine'))
  expect(transaction.state).toBe('persisting')
  const receipt = source.commit(put('2', { name: 'remote' }), put('1', { name: 'mine' }))
  expect(receipt).toBeInstanceOf(Promise)
  expect(other.commit(put('1', { name: 'free' }))).toBe(true)
  expect(source.published).toEqual([['update 1 mine']])
  finish()
  await receipt
  expect(source.published.slice(1).map((changes) => changes.sort())).toEqual([
    ['insert 2 remote', 'update 1 mine'],
  ])
})

test('[fact 4] a persisting transaction that fails lets the held commits through', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const { transaction, finish } = persist(() => rename(source, '1', 'mine'))
  const receipt = source.commit(put('2', { name: 'remote' }))
  finish(new Error('refused'))
  await expect(transaction.when('settled')).rejects.toThrow('refused')
  await receipt
  expect(rowsOf(source.collection)).toEqual([
    { id: '1', name: 'Ada' },
    { id: '2', name: 'remote' },
  ])
})

test('[fact 4] a truncate is not held: it applies at once, with everything that was held before it', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const { finish, transaction } = persist(() => rename(source, '1', 'mine'))
  const receipt = source.commit(put('2', { name: 'held' }))
  source.sync.begin()
  source.sync.truncate()
  source.sync.write({ type: 'update', value: { id: '3', name: 'Cy' } })
  expect(source.sync.commit()).toBe(true)
  await receipt
  expect(rowsOf(source.collection)).toEqual([
    { id: '3', name: 'Cy' },
    { id: '1', name: 'mine' },
  ])
  finish()
  await transaction.when('settled')
})

test('[fact 4] createOptimisticAction persists while its mutationFn runs, and so does a handler like onUpdate', () => {
  const source = start({ id: '1', name: 'Ada' })
  const never = (): Promise<void> => new Promise(() => {})
  const act = createOptimisticAction<string>({
    onMutate: (name) => rename(source, '1', name),
    mutationFn: never,
  })
  expect(act('mine').state).toBe('persisting')
  expect(source.commit(put('2'))).toBeInstanceOf(Promise)

  const handled = createSource('users', { onInsert: never })
  expect(handled.collection.insert({ id: '1' }).state).toBe('persisting')
  expect(handled.commit(put('2'))).toBeInstanceOf(Promise)
})

test('[fact 4] rollback() leaves a persisting transaction on the same key alone', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const { transaction, finish } = persist(() => rename(source, '1', 'first'))
  overlay(() => rename(source, '1', 'second')).rollback()
  expect(transaction.state).toBe('persisting')
  expect(rowsOf(source.collection)).toEqual([{ id: '1', name: 'first' }])
  finish()
  await transaction.when('settled')
})

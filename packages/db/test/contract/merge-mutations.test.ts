import { expect, test } from 'vitest'
import { createPendingTransaction } from '../../src/collections/transactions.ts'
import { start } from './overlays.ts'

test('[F-real-63] a transaction of ours calls applyMutations, and holds the row before and the row after', () => {
  const { collection } = start({ id: '1', name: 'Ada' })
  const transaction = createPendingTransaction()
  transaction.mutate(() => {
    collection.update('1', (draft) => void (draft.name = 'in between'))
    collection.delete('1')
    collection.insert({ id: '2', name: 'new' })
  })
  expect(transaction.mutations.map(({ type, key, original }) => ({ type, key, original }))).toEqual([
    { type: 'delete', key: '1', original: { id: '1', name: 'Ada' } },
    { type: 'insert', key: '2', original: {} },
  ])
  expect([...collection.keys()]).toEqual(['2'])
  transaction.rollback()
  expect(collection.get('1')?.name).toBe('Ada')
  expect([...collection.keys()]).toEqual(['1'])
})

test('[F-real-18] a row that is deleted and inserted again is an update of the row that was visible before', () => {
  const { collection } = start({ id: '1', name: 'Ada' })
  const older = createPendingTransaction()
  older.mutate(() => void collection.update('1', (draft) => void (draft.name = 'pending')))
  const transaction = createPendingTransaction()
  transaction.mutate(() => {
    collection.delete('1')
    // As the synced row is, which TanStack itself compares with.
    collection.insert({ id: '1', name: 'Ada' })
  })
  expect(transaction.mutations).toMatchObject([
    { type: 'update', original: { name: 'pending' }, modified: { name: 'Ada' }, changes: { name: 'Ada' } },
  ])
  expect(collection.get('1')?.name).toBe('Ada')
})

test('[F-real-63] what leaves a row as it was is no mutation of it; others keep their order', () => {
  const { collection } = start({ id: '1', name: 'Ada' })
  const transaction = createPendingTransaction()
  transaction.mutate(() => {
    collection.insert({ id: '2', name: 'two' })
    collection.update('1', (draft) => void (draft.name = 'x'))
    collection.insert({ id: '3', name: 'three' })
    collection.update('1', (draft) => void (draft.name = 'Ada'))
    collection.delete('2')
    collection.insert({ id: '4', name: 'four' })
    collection.update('3', (draft) => void (draft.name = 'third'))
  })
  expect(transaction.mutations.map(({ type, key, modified }) => ({ type, key, modified }))).toEqual([
    { type: 'insert', key: '3', modified: { id: '3', name: 'third' } },
    { type: 'insert', key: '4', modified: { id: '4', name: 'four' } },
  ])
})

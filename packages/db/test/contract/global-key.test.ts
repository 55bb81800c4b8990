import { expect, test } from 'vitest'
import { restoreTransactions } from '../../src/collections/restore-transactions.ts'
import type { RestoredMutation } from '../../src/collections/restore-transactions.ts'
import { createPendingTransaction } from '../../src/collections/transactions.ts'
import type { AnyCollection } from '../../src/collections/types.ts'
import { start } from './overlays.ts'
import type { Source } from './source.ts'

/** Restores a transaction of an earlier page, and returns the name of its only row. */
function restoredName(
  source: Source['collection'],
  restored: Omit<RestoredMutation, 'collection'>,
): string | undefined {
  const collection = source as unknown as AnyCollection // whatever its rows are
  const mutation = { ...restored, collection }
  const publisher = { publish: (_collections: unknown, change: () => void) => change() }
  const rethrow = (error: unknown): never => {
    throw error
  }
  const [transaction] = restoreTransactions([{ mutations: [mutation], createdAt: 0 }], publisher, rethrow)
  return transaction?.mutations[0]?.globalKey
}

const keys = ['1', 'a"b', 'ü\n\u2028', '__proto__', 'KEY::["x"]']

test.each(keys)('[O5] a restored write and one of now have one name for the row %j', (key) => {
  const { collection } = start({ id: key, name: 'Ada' })
  const before = { id: key, name: 'Ada' }
  const after = { id: key, name: 'Grace' }
  const names = new Set([
    restoredName(collection, { key, type: 'insert', before: undefined, after }),
    restoredName(collection, { key, type: 'update', before, after }),
    restoredName(collection, { key, type: 'delete', before, after: undefined }),
  ])
  const transaction = createPendingTransaction()
  transaction.mutate(() => void collection.insert({ id: key, name: 'now' }))
  expect([...names]).toEqual([transaction.mutations[0]?.globalKey])
})

test('[O5] an update and a delete have the name that an insert has', () => {
  const { collection } = start({ id: '1', name: 'Ada' }, { id: '2', name: 'Bob' })
  const transaction = createPendingTransaction()
  transaction.mutate(() => {
    collection.update('1', (draft) => void (draft.name = 'Grace'))
    collection.delete('2')
  })
  const before = { id: '1', name: 'Ada' }
  expect(transaction.mutations.map(({ globalKey }) => globalKey)).toEqual([
    restoredName(collection, { key: '1', type: 'update', before, after: { id: '1', name: 'x' } }),
    restoredName(collection, { key: '2', type: 'insert', before: undefined, after: { id: '2', name: 'x' } }),
  ])
})

test('[O5] rows of two collections with one key have two names', () => {
  const [users, messages] = [start(), start()]
  const [one, other] = [users, messages].map(({ collection }) =>
    restoredName(collection, { key: '1', type: 'insert', before: undefined, after: { id: '1' } }),
  )
  expect(one).not.toBe(other)
})

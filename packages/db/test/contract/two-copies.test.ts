import { createRequire } from 'node:module'
import * as db from '@tanstack/db'
import { expect, test } from 'vitest'
import { createSource } from './source.ts'

// The CommonJS build beside the ES one: two instances of the module, as two copies in an application are.
const second = createRequire(import.meta.url)('@tanstack/db') as typeof db

test('[fact 6] a live query of one copy refuses a collection of another, with an error that does not say why', () => {
  expect(second.createCollection).not.toBe(db.createCollection)
  const { collection } = createSource('users')
  const query = (): unknown => second.createLiveQueryCollection((q) => q.from({ user: collection }))
  expect(query).toThrow(/not a Collection or subquery/)
  expect(query).not.toThrow(/version|cop(y|ies)|duplicate|instance of @tanstack/i)
})

test('[fact 6] a transaction of one copy does not see the mutations of another', async () => {
  const { collection } = createSource('users', { onInsert: () => Promise.resolve() })
  const transaction = second.createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() })
  transaction.mutate(() => void collection.insert({ id: '1' }))
  expect(transaction.mutations).toEqual([])
  transaction.rollback()
  expect(collection.has('1')).toBe(true)
  await transaction.when('settled').catch(() => {})
})

import { createTransaction, type Transaction } from '@tanstack/db'
import { createSource, type Row, type Source } from './source.ts'

/** Overlays a mutation without a commit, so that the transaction stays pending. */
export function overlay(mutate: () => void): Transaction {
  const transaction = createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() })
  transaction.mutate(mutate)
  return transaction
}

/** Begins a transaction that persists until it is told to finish. */
export function persist(mutate: () => void): { transaction: Transaction; finish: (error?: Error) => void } {
  let finish: (error?: Error) => void = () => {}
  const transaction = createTransaction({
    mutationFn: () =>
      new Promise<void>((resolve, reject) => {
        finish = (error) => (error === undefined ? resolve() : reject(error))
      }),
  })
  transaction.mutate(mutate)
  return { transaction, finish }
}

/** Renames a row optimistically. */
export function rename({ collection }: Source, key: string, name: string): void {
  collection.update(key, (draft) => {
    draft.name = name
  })
}

/** Creates a collection that holds the rows. */
export function start(...rows: Row[]): Source {
  const source = createSource('users')
  if (rows.length > 0) source.commit(...rows.map((row) => ({ type: 'put' as const, row })))
  source.published.length = 0
  return source
}

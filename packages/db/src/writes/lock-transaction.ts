import type { Transaction } from '@tanstack/db'
import { StreamDBError } from '@streamdb/log'

/**
 * Leaves a transaction's outcome to the log: its owner may roll it back, and wait for it. Committed from outside it
 * would be `confirmed` though nobody stored it; mutated again it would show what nobody writes.
 */
export function lockTransaction(transaction: Transaction): void {
  const refuse = (): never => {
    const what = 'This transaction is already being written'
    throw new StreamDBError(
      'invalid-write',
      `${what}. Await tx.when('settled'); start a new transaction for further changes`,
    )
  }
  Object.assign(transaction, { commit: refuse, mutate: refuse })
}

/** Throws where what mutates returned a promise: what it does later would not be part of the transaction. */
export function assertSynchronous(result: unknown): void {
  if (!(result instanceof Promise)) return
  // Nobody else reads it.
  result.catch(() => undefined)
  throw new StreamDBError(
    'invalid-write',
    'A transaction is made synchronously: expected a function that returns no promise. Wait in mutationFn instead',
  )
}

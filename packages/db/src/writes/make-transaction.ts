import type { Transaction } from '@tanstack/db'
import type { ChangeEvent } from '@streamdb/state'
import { rollBackTransaction } from '../collections/settle.ts'
import { createPendingTransaction, mutateIn } from '../collections/transactions.ts'
import { assertSynchronous } from './lock-transaction.ts'
import { toEvents } from './wire-format.ts'
import type { WrittenTransaction } from './wire-format.ts'
import type { WriteQueueOptions } from './write-queue-options.ts'

/**
 * Runs `mutate` in one pending transaction, which shows what it does; returns it with its events.
 *
 * Throws what `mutate` throws, and `invalid-write` where readers would see other rows; nothing is shown then.
 */
export function makeTransaction(
  mutate: () => void,
  written: WrittenTransaction,
  options: WriteQueueOptions,
): { readonly transaction: Transaction; readonly events: ChangeEvent[] } {
  const { reporter, assertWritable } = options
  const transaction = createPendingTransaction()
  try {
    mutateIn(
      transaction,
      () => assertSynchronous(mutate()),
      (error) => reporter.report(error, 'A listener of a collection'),
    )
    // It may have closed the database.
    assertWritable()
    return { transaction, events: toEvents(transaction.mutations, written, options) }
  } catch (error) {
    try {
      rollBackTransaction(transaction)
    } catch (thrown) {
      reporter.report(thrown, 'A listener of a collection')
    }
    throw error
  }
}

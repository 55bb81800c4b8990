import type { Transaction } from '@streamdb/db'
import { deferred, toStreamDBError } from '@streamdb/log'

/** A write of a participant: it is shown at once, and resolves with what was written when the log has it. */
export interface Sending<Row> extends Promise<Row> {
  /** The id of the row that is written, known at once. */
  readonly id: string
}

/** Runs mutations as one transaction: a database, of whatever collections. */
interface Transactor {
  transact(mutate: () => void): Transaction
}

/**
 * Runs mutations as one transaction. The promise resolves with `row` when it is confirmed, and rejects with a `StreamDBError`
 * where it was refused or rolled back. Nobody has to handle it: the database reports what failed (`onError`).
 */
export function write<Row extends { readonly id: string }>(
  db: Transactor,
  row: Row,
  mutate: () => void,
): Sending<Row> {
  const { promise, resolve, reject } = deferred<Row>()
  settled(db.transact(mutate)).then(() => resolve(row), reject)
  return Object.assign(promise, { id: row.id })
}

/** Resolves when a transaction is confirmed. */
export async function settled(transaction: Transaction): Promise<void> {
  try {
    await transaction.when('settled')
  } catch (error) {
    throw toStreamDBError(error, 'write-failed', 'The write failed')
  }
}

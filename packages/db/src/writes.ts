import { createTransaction } from '@tanstack/db'
import type { PendingMutation, Transaction } from '@tanstack/db'
import { wireRow } from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition } from '@streamdb/state'
import { toStreamDBError } from './errors.ts'

/** What a write function is told of the transaction that it is to write. */
export interface WriteContext {
  readonly transaction: Transaction
  /** The transaction's mutations as events, each with the txid. */
  readonly events: readonly ChangeEvent[]
  readonly txid: string
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}

/** What writing needs of its database. */
export interface WritesOwner {
  readonly signal: AbortSignal
  /** Throws where nothing can be written. */
  assertWritable(): void
  definitionOf(collection: object): CollectionDefinition | undefined
  append(events: readonly ChangeEvent[], signal: AbortSignal): Promise<void>
  awaitTxId(txid: string): Promise<void>
  newTxId(): string
}

/** Writes transactions: shows them at once, appends them, and settles them when the log has confirmed them. */
export class Writes {
  readonly #owner: WritesOwner

  constructor(owner: WritesOwner) {
    this.#owner = owner
  }

  /**
   * Runs `mutate` in one transaction, shows it, and writes it in the background; returns TanStack's transaction.
   *
   * The transaction stays pending while it is under way, so that remote changes keep arriving (DESIGN W3), and until
   * its rows came back through the log, so that they do not flicker. `send` replaces the append.
   */
  transact(mutate: () => void, send?: (context: WriteContext) => Promise<unknown>): Transaction {
    this.#owner.assertWritable()
    const transaction = createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() })
    transaction.mutate(mutate)
    // The outcome is the transaction's own promise; run never rejects.
    void this.#run(transaction, send)
    return transaction
  }

  async #run(transaction: Transaction, send?: (context: WriteContext) => Promise<unknown>): Promise<void> {
    const { signal } = this.#owner
    const txid = this.#owner.newTxId()
    try {
      const events = this.#eventsOf(transaction.mutations, txid)
      if (send !== undefined) {
        await send({ transaction, events, txid, signal })
      } else if (events.length > 0) {
        await this.#owner.append(events, signal)
        await this.#owner.awaitTxId(txid)
      }
      if (transaction.state === 'pending') await transaction.commit()
    } catch (error) {
      if (transaction.state !== 'pending') return
      transaction.rollback({ error: toStreamDBError(error, 'write-failed', 'Writing to the stream failed') })
    }
  }

  #eventsOf(mutations: readonly PendingMutation[], txid: string): ChangeEvent[] {
    const events: ChangeEvent[] = []
    for (const mutation of mutations) {
      const definition = this.#owner.definitionOf(mutation.collection)
      // A mutation of somebody else's collection is shown with ours, and not ours to write.
      if (definition !== undefined) events.push(eventOf(mutation, definition.type, txid))
    }
    return events
  }
}

function eventOf(mutation: PendingMutation, type: string, txid: string): ChangeEvent {
  const { type: operation, modified, original } = mutation
  const headers = { operation, txid, timestamp: mutation.updatedAt.toISOString() }
  const key = String(mutation.key)
  switch (operation) {
    case 'insert':
      return { type, key, value: wireRow(modified), headers }
    case 'update':
      return { type, key, value: wireRow(modified), old_value: wireRow(original), headers }
    case 'delete':
      return { type, key, old_value: wireRow(original), headers }
  }
}

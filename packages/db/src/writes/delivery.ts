import type { Transaction } from '@tanstack/db'
import type { ChangeEvent } from '@streamdb/state'
import type { AppendHandle, WriteTransport } from '@streamdb/log'
import type { PendingWrite } from './pending-write.ts'
import type { WriteEvent } from './write.ts'

/** What a write function is told of the transaction that it is to write. */
export interface WriteContext {
  readonly transaction: Transaction
  /** The transaction's mutations as events, each with the txid. */
  readonly events: readonly ChangeEvent[]
  readonly txid: string
  /** Aborts when the transaction is rolled back, or the database closes. */
  readonly signal: AbortSignal
}

/** Writes a transaction in the application's way; returns the txids to wait for, or nothing. */
export type WriteFunction = (context: WriteContext) => Promise<unknown>

/** Queues a write for the log: all of its events, or none. `onEvent` hears of attempts that failed. */
export function appendWrite(
  { write, events }: PendingWrite,
  transport: WriteTransport,
  onEvent: (event: WriteEvent) => void,
): AppendHandle {
  return transport.append({
    txid: write.txid,
    body: events.map((event) => JSON.stringify(event)).join(','),
    onRetry: (retry) => onEvent({ type: 'retry', ...retry }),
  })
}

/** Runs the application's write function; resolves with the transactions whose rows are waited for. */
export async function runWriteFunction(
  { write, events }: PendingWrite,
  run: WriteFunction,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { transaction, txid } = write
  const result = await run({ transaction, events, txid, signal })
  return [result].flat().filter((each) => typeof each === 'string')
}

import type { Transaction } from '@tanstack/db'
import type { ChangeEvent } from '@streamdb/state'
import { isConditional, StreamDBError } from '@streamdb/log'
import type { AppendHandle, WriteTransport } from '@streamdb/log'
import type { PendingWrite } from './pending-write.ts'
import type { WriteEvent } from './write.ts'

/** The transaction that a write function has to write. */
export interface WriteContext {
  readonly transaction: Transaction
  /** The transaction's mutations as events, each with the txid. */
  readonly events: readonly ChangeEvent[]
  /** The id of the transaction: the program that writes the events puts it into their headers. */
  readonly txid: string
  /** Aborts when the transaction is rolled back, or the database closes. */
  readonly signal: AbortSignal
  /**
   * Calls a server action of the stream's write gateway under this transaction's id, as often as it takes to be answered: the gateway
   * runs it once. `params` are sent as JSON. Resolves with the txid, with nothing where the action wrote nothing. Rejects as an
   * append does. `serverAction` of `@streamdb/server/client` is an action that does so.
   */
  readonly callServer: (action: string, params: unknown) => Promise<string | undefined>
}

/** A transaction's id; the number of a database's transaction is the text that spells it. */
export type TxId = string | number

/** What a write function may return: nothing, or the transactions whose rows are waited for. */
// oxlint-disable-next-line typescript/no-invalid-void-type -- the result of a function that returns nothing
export type WriteResult =
  void | undefined | TxId | readonly TxId[] | { readonly txid: TxId | readonly TxId[] }

/** Writes a transaction in the application's way. */
export type WriteFunction = (context: WriteContext) => Promise<WriteResult>

/**
 * Queues a write for the log: all of its events are appended, or none. `onEvent` is called with attempts that failed.
 */
export function appendWrite(
  { write, events }: PendingWrite,
  transport: WriteTransport,
  onEvent: (event: WriteEvent) => void,
): AppendHandle {
  return transport.append({
    txid: write.txid,
    body: events.map((event) => JSON.stringify(event)).join(','),
    isConditional: isConditional(events),
    onRetry: (retry) => onEvent({ type: 'retry', ...retry }),
  })
}

/** Runs the application's write function; resolves with what it returned. */
export async function runWriteFunction(
  { write, events }: PendingWrite,
  run: WriteFunction,
  { signal, callServer }: Pick<WriteContext, 'signal' | 'callServer'>,
): Promise<unknown> {
  const { transaction, txid } = write
  // Callers without types return anything.
  const result: unknown = await run({ transaction, events, txid, signal, callServer })
  return result
}

/** Returns the txids that a write function returned. Throws `write-unknown` for what is none: it has written by then. */
export function toTxIds(result: unknown, action: string | undefined): string[] {
  const given = isRecord(result) && 'txid' in result ? result['txid'] : result
  if (given === undefined && given === result) return []
  const all: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (!all.every(isTxId)) throw resultError(result, action)
  return all.map(String)
}

function isTxId(value: unknown): value is TxId {
  return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && value !== ''
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function resultError(result: unknown, action: string | undefined): StreamDBError {
  const what = action === undefined ? 'A mutationFn' : `The mutationFn of the action "${action}"`
  const expected = 'nothing, a txid (text or a number), an array of txids, or { txid }'
  return new StreamDBError(
    'write-unknown',
    `${what} returned ${describe(result)}: expected ${expected}. What it wrote is shown when it is read`,
  )
}

function describe(result: unknown): string {
  if (typeof result === 'function') return 'a function'
  if (!isRecord(result)) return JSON.stringify(result) ?? String(result)
  if (Array.isArray(result)) return `an array that holds ${describe(result.find((each) => !isTxId(each)))}`
  if ('txid' in result) return `{ txid: ${describe(result['txid'])} }`
  const name = (result.constructor as { name?: string } | undefined)?.name // whatever made it
  return name === undefined || name === 'Object' ? 'an object without a txid' : `a ${name}`
}

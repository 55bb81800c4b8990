import type { BatchSource, Outbox, StoredWrite, WriteTransport } from '@streamdb/log'
import type { RestoredTransaction } from '../collections/restore-transactions.ts'
import type { Reporter } from '../report.ts'
import type { WriteFunction } from './delivery.ts'
import type { AnyExpect } from './expectations.ts'
import type { LogEnd } from './log-end.ts'
import type { Publisher } from '../collections/publication.ts'
import type { ServerCalls } from './server-calls.ts'
import type { TxIds } from './txids.ts'
import type { WriteFormat } from './wire-format.ts'

/** How a transaction is written, where it is not the plain append. */
export interface TransactOptions extends KeepOptions {
  readonly action?: string | undefined
  readonly send?: WriteFunction | undefined
  /** What has to be so for it to be written. */
  readonly expect?: AnyExpect | undefined
}

/** How a transaction is kept, where there is an outbox. */
export interface KeepOptions {
  /** What its action is called with, which `send` does. */
  readonly call?: StoredWrite['call']
  /** The txid of a kept one whose place it takes. */
  readonly replaces?: string | undefined
}

/** A kept transaction, as it is shown again. */
export interface RestoredWrite
  extends RestoredTransaction, Pick<StoredWrite, 'txid' | 'action' | 'events' | 'attempts'> {
  /** Writes it, where its action has a function. */
  readonly send: WriteFunction | undefined
}

/** What a queue works with. */
export interface WriteQueueOptions extends WriteFormat {
  readonly transport: WriteTransport
  /** Calls server actions. */
  readonly serverCalls: ServerCalls
  /** Keeps writes before they are sent, where the application asks for it; takes the place of the transport. */
  readonly outbox?: Outbox | undefined
  readonly source: Pick<BatchSource, 'verify'>
  readonly txids: TxIds
  readonly logEnd: LogEnd
  readonly publisher: Publisher
  readonly reporter: Reporter
  readonly confirmTimeout: number
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
  /** Throws where nothing can be written. */
  readonly assertWritable: () => void
}

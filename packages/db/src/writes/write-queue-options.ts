import type { BatchSource, WriteTransport } from '@streamdb/log'
import type { Reporter } from '../report.ts'
import type { WriteFunction } from './delivery.ts'
import type { LogEnd } from './log-end.ts'
import type { Publisher } from '../collections/publication.ts'
import type { TxIds } from './txids.ts'
import type { WriteFormat } from './wire-format.ts'

/** How a transaction is written, where it is not the plain append. */
export interface TransactOptions {
  readonly action?: string | undefined
  readonly send?: WriteFunction | undefined
}

/** What a queue works with. */
export interface WriteQueueOptions extends WriteFormat {
  readonly transport: WriteTransport
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

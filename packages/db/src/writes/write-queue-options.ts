import type { BatchSource, WriteTransport } from '@streamdb/log'
import type { CollectionDefinition } from '@streamdb/state'
import type { Reporter } from '../report.ts'
import type { WriteFunction } from './delivery.ts'
import type { LogEnd } from './log-end.ts'
import type { Publisher } from '../collections/publication.ts'
import type { TxIds } from './txids.ts'

/** How a transaction is written, where it is not the plain append. */
export interface TransactOptions {
  readonly action?: string | undefined
  readonly send?: WriteFunction | undefined
}

/** What a queue works with. */
export interface WriteQueueOptions {
  readonly transport: WriteTransport
  readonly source: Pick<BatchSource, 'verify'>
  readonly txids: TxIds
  readonly logEnd: LogEnd
  /** The definitions of the database's collections, by collection. */
  readonly definitions: ReadonlyMap<object, CollectionDefinition>
  readonly publisher: Publisher
  readonly reporter: Reporter
  readonly confirmTimeout: number
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
  /** Throws where nothing can be written. */
  readonly assertWritable: () => void
}

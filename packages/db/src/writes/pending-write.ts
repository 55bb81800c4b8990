import type { ChangeEvent } from '@streamdb/state'
import type { AppendHandle } from '@streamdb/log'
import type { Write, WriteEvent } from './write.ts'

/** A write under way, and what its end depends on. */
export interface PendingWrite {
  write: Write
  readonly events: readonly ChangeEvent[]
  /** The rows that it changes, by TanStack's global keys. */
  readonly keys: ReadonlySet<string>
  /** The append under way; absent for a write that the application makes. */
  handle?: AppendHandle
  /** Transactions that its function returned, with which its rows come. */
  readonly cameWith: Set<string>
  /** Those of them that are not visible yet; all of them must be. */
  readonly awaited: Set<string>
  /** Aborts when a write that the application makes is rolled back, or the database closes. */
  readonly rolledBack?: AbortController | undefined
  /** It was read, inside a snapshot that has not ended: it is stored, and not visible yet. */
  isInsideSnapshot?: boolean
  /** Since it began, the log brought one of its rows as it shows it, under another txid. */
  hasRowInLog?: boolean
}

/** How a write ends. */
export interface WriteEnd {
  readonly pending: PendingWrite
  readonly event: WriteEvent
}

import type { MessageSender, StreamDBError } from '@streamdb/log'
import type { TabClock } from '../tabs/browser.ts'
import type { PageJournal } from './page-journal.ts'

/** What an outbox works with. */
export interface OutboxOptions {
  readonly sender: MessageSender
  /** Told once where the store fails: writes go on in memory. */
  readonly report: (error: StreamDBError) => void
  /** Tells other tabs that the outbox has changed. */
  readonly ring?: (() => void) | undefined
  /** This tab no longer leads: another one has claimed the store. */
  readonly onStale?: (() => void) | undefined
  /** Keeps what is not stored when the page goes. */
  readonly journal?: PageJournal | undefined
  /** How many writes are kept at most; 10,000 unless told. */
  readonly limit?: number | undefined
  /** How large they may be together, in characters of JSON; 32 Mi unless told. */
  readonly maxSize?: number | undefined
  /** Told of a refused write that nobody is left to decide about: it is dropped. */
  readonly onDropped?: ((error: StreamDBError) => void) | undefined
  /** Told of a write in the store that cannot be read: it stays there, and is not sent. */
  readonly onUnreadable?: ((error: StreamDBError) => void) | undefined
  readonly clock?: Pick<TabClock, 'after'> | undefined
  /** Given what a listener of the outbox throws. */
  readonly onThrown?: ((error: unknown) => void) | undefined
  /** Aborts when the database closes. What is kept stays in the store. */
  readonly signal: AbortSignal
}

import { deferred } from '@streamdb/log'
import type { AppendReceipt, Deferred, StoredWrite, StoredWriteState, WriteCarrier } from '@streamdb/log'

/** A write in the outbox of a running database. */
export interface KeptWrite {
  write: StoredWrite
  /** Who shows it; absent where nobody does yet. */
  carrier: WriteCarrier | undefined
  /** Settles when the server has answered for good. */
  done: Deferred<AppendReceipt>
  /** This page has made it, and has not sent it before. */
  readonly isOwn: boolean
  /** It was refused among others: sent by itself, so that only the culprit fails. */
  isAlone: boolean
  /** It was read in the log. */
  isSeen: boolean
}

/** Returns a write as it is when it is taken in; with a carrier, it is this page's. */
export function keep(write: StoredWrite, carrier?: WriteCarrier): KeptWrite {
  const isOwn = carrier !== undefined
  return { write, carrier, isOwn, done: deferred<AppendReceipt>(), isAlone: false, isSeen: false }
}

/** Whether a write is still to be stored in the log. */
export function isUnderWay({ write: { state } }: KeptWrite): boolean {
  return state.name === 'queued' || state.name === 'sent'
}

/** Returns a write in another state. */
export function inState(write: StoredWrite, state: StoredWriteState): StoredWrite {
  return { ...write, state }
}

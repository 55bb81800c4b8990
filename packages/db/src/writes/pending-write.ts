import type { Transaction } from '@tanstack/db'
import type { ChangeEvent } from '@streamdb/state'
import type { AppendHandle, OutboxHandle } from '@streamdb/log'
import type { Write, WriteEvent } from './write.ts'

/** A write on its way; one that an outbox keeps can be `refuse`d there. */
export type PendingHandle = AppendHandle & Partial<OutboxHandle>

/** A write under way, and what its end depends on. */
export interface PendingWrite {
  write: Write
  readonly events: readonly ChangeEvent[]
  /** The rows that it changes, by TanStack's global keys. */
  readonly keys: ReadonlySet<string>
  /** The append under way; absent for a write that the application makes. */
  handle?: PendingHandle | undefined
  /** Transactions that its function returned, with which its rows come. */
  readonly cameWith: Set<string>
  /** Those of them that are not visible yet; all of them must be. */
  readonly awaited: Set<string>
  /** Aborts when a write that the application makes is rolled back, or the database closes. */
  readonly rolledBack?: AbortController | undefined
  /** An earlier page, or another tab, has kept it. */
  readonly isRestored?: boolean | undefined
  /** It was read, inside a snapshot that has not ended: it is stored, and not visible yet. */
  isInsideSnapshot?: boolean
  /** Since it began, the log brought one of its rows as it shows it, under another txid. */
  hasRowInLog?: boolean
}

/** Returns a write that begins. */
export function toPending(
  { txid, action, events, attempts = 0, send }: NewPendingWrite,
  transaction: Transaction,
): PendingWrite {
  return {
    write: { txid, transaction, action, state: { name: 'pending' }, attempts },
    events,
    keys: new Set(transaction.mutations.map((mutation) => mutation.globalKey)),
    cameWith: new Set(),
    awaited: new Set(),
    ...(send && { rolledBack: new AbortController() }),
  }
}

interface NewPendingWrite {
  readonly txid: string
  readonly action?: string | undefined
  readonly events: readonly ChangeEvent[]
  readonly attempts?: number
  /** What writes it, where the application does. */
  readonly send: object | undefined
}

/** How a write ends. */
export interface WriteEnd {
  readonly pending: PendingWrite
  readonly event: WriteEvent
}

/** Returns ends that confirm writes. */
export function confirmations(writes: Iterable<PendingWrite>): WriteEnd[] {
  return Array.from(writes, (pending) => ({ pending, event: { type: 'confirm' } }))
}

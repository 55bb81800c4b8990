import { StreamDBError, toStoredError } from '@streamdb/log'
import type { StoredWrite, StoredWriteState, WriteCarrier } from '@streamdb/log'
import { inState, isUnderWay, keep } from './kept-write.ts'
import type { KeptWrite } from './kept-write.ts'
import type { OutboxList } from './outbox-list.ts'
import type { OutboxSaver } from './outbox-saver.ts'
import { SeenTxIds } from './seen-txids.ts'

/**
 * What an outbox keeps: in the list, and noted as changes for the store. A write goes from one state to the next here, and
 * settles; `saver.flush` stores it.
 */
export class KeptWrites {
  readonly list: OutboxList
  readonly saver: OutboxSaver
  /** Read in the log: other tabs may list them for a while. */
  readonly seen: SeenTxIds = new SeenTxIds()

  constructor(list: OutboxList, saver: OutboxSaver) {
    this.list = list
    this.saver = saver
  }

  /** Keeps a write; with a carrier it is one of this page. `replaces`: the txid of a refused one whose place it takes. */
  add(write: StoredWrite, carrier?: WriteCarrier, replaces?: string): KeptWrite {
    const kept = keep(write, carrier)
    if (replaces === undefined) this.saver.changes.put(kept.write)
    else {
      this.list.remove(replaces)
      this.saver.changes.replace(replaces, kept.write)
    }
    this.list.add(kept)
    return kept
  }

  remove(txid: string): void {
    this.list.remove(txid)
    this.saver.changes.remove(txid)
  }

  /** Removes a refused write. */
  discard(txid: string): void {
    this.list.remove(txid)
    this.saver.changes.discard(txid)
  }

  /** Sends a refused write again, behind all others; says whether it was one. */
  retry(txid: string): boolean {
    const kept = this.list.find(txid)
    if (kept?.write.state.name !== 'refused') return false
    const { error } = kept.write.state
    // What nobody knows of it is asked of the log first.
    const state: StoredWriteState = { name: error.code === 'write-unknown' ? 'sent' : 'queued' }
    const again = keep({ ...kept.write, order: this.list.nextOrder(), attempts: 0, state })
    this.list.add(again)
    this.saver.changes.update(again.write)
    this.list.changed()
    return true
  }

  /** It is stored in the log. The store has it as sent, which is enough: whoever sends it again reads the log first. */
  acknowledge(kept: KeptWrite, offset: string | undefined): void {
    if (isUnderWay(kept)) {
      kept.write = inState(kept.write, { name: 'acknowledged' })
      this.list.changed()
    }
    kept.done.resolve({ offset })
  }

  /** It was refused; says whether it could be. */
  refuse(kept: KeptWrite, error: StreamDBError): boolean {
    const { name } = kept.write.state
    if (kept.isSeen || name === 'refused' || name === 'withdrawn') return false
    kept.write = inState(kept.write, { name: 'refused', error: toStoredError(error) })
    kept.isAlone = false
    this.saver.changes.update(kept.write)
    kept.done.reject(error)
    this.list.changed()
    return true
  }

  /** Takes a queued write back. `isShared`: other tabs show it too, and are told before the store forgets it. */
  withdraw(kept: KeptWrite, isShared: boolean): void {
    kept.done.reject(withdrawnError(kept.write.txid))
    if (!isShared) this.remove(kept.write.txid)
    else this.saver.changes.update(inState(kept.write, { name: 'withdrawn' }))
    kept.write = inState(kept.write, { name: 'withdrawn' })
    this.list.changed()
  }

  /** Forgets withdrawn writes: whoever leads says that they are gone. */
  removeWithdrawn(): void {
    for (const { write } of this.list) if (write.state.name === 'withdrawn') this.remove(write.txid)
  }
}

/** Returns what a write is rejected with that was taken back. */
export function withdrawnError(txid: string): StreamDBError {
  return new StreamDBError(
    'rolled-back',
    `The transaction was withdrawn before it was sent (transaction ${txid})`,
  )
}

import type { ChangeEvent } from '@streamdb/state'
import { isEqual } from '../collections/transactions.ts'
import type { PendingWrite } from './pending-write.ts'

const ownCapacity = 1000

/**
 * Notes which writes of the application's own functions had a row in the log as they show it since they began: such a
 * function may have appended before it threw (F-real-78).
 */
export class WrittenRows {
  // By type and key.
  readonly #writes = new Map<string, Set<PendingWrite>>()
  // The writes of this client, also those that it has rolled back since: their events are not another write's.
  readonly #ownTxids = new Set<string>()

  /** Begins to watch the rows of a write that the application makes by itself. */
  add(write: PendingWrite): void {
    for (const event of write.events) {
      const name = nameOf(event)
      this.#writes.set(name, (this.#writes.get(name) ?? new Set()).add(write))
    }
  }

  /** Takes note of the txid of a write of this client. */
  addOwn(txid: string): void {
    this.#ownTxids.add(txid)
    for (const oldest of this.#ownTxids) {
      if (this.#ownTxids.size <= ownCapacity) break
      this.#ownTxids.delete(oldest)
    }
  }

  remove(write: PendingWrite): void {
    for (const event of write.events) {
      const name = nameOf(event)
      const writes = this.#writes.get(name)
      if (writes?.delete(write) && writes.size === 0) this.#writes.delete(name)
    }
  }

  /** Takes note of an event of the log. */
  onEvent(event: ChangeEvent): void {
    const { txid } = event.headers
    if (this.#writes.size === 0 || (txid !== undefined && this.#ownTxids.has(txid))) return
    const name = nameOf(event)
    for (const write of this.#writes.get(name) ?? []) {
      if (write.events.some((own) => nameOf(own) === name && isSameWrite(own, event)))
        write.hasRowInLog = true
    }
  }
}

/** A row is told by its value. Anybody deletes a row alike: a delete is only taken for ours where it has a txid. */
function isSameWrite(own: ChangeEvent, event: ChangeEvent): boolean {
  const isDelete = event.headers.operation === 'delete'
  if ((own.headers.operation === 'delete') !== isDelete) return false
  return isDelete ? event.headers.txid !== undefined : isEqual(own.value, event.value)
}

function nameOf({ type, key }: ChangeEvent): string {
  return JSON.stringify([type, key])
}

import { mostTxids, StreamDBError } from '@streamdb/log'
import type { RestartReason } from '@streamdb/log'
import type { ChangeEvent, ControlEvent } from '@streamdb/state'
import type { Reporter } from '../report.ts'
import type { WriteObserver } from './pending-writes.ts'
import type { Write } from './write.ts'

/** How many confirmed writes are remembered: those that a restored backup lacks were written last. */
const REMEMBERED = 200

/**
 * Reports writes that were confirmed and that the log has no longer: the stream was put back to an older copy, or made anew.
 *
 * Nobody else can tell: their rows are gone with the rest of what was lost, and their transactions ended well.
 */
export class LostWrites implements WriteObserver {
  readonly #reporter: Pick<Reporter, 'reportLostWrite'>
  // By txid, oldest first.
  readonly #confirmed = new Map<string, Write>()
  // Those that were not seen yet, while the log is read from its beginning again.
  #unseen: Map<string, Write> | undefined

  constructor(reporter: Pick<Reporter, 'reportLostWrite'>) {
    this.#reporter = reporter
  }

  onSettled(write: Write, events: readonly ChangeEvent[]): void {
    if (write.state.name !== 'confirmed' || events.length === 0) return
    this.#confirmed.set(write.txid, write)
    if (this.#confirmed.size <= REMEMBERED) return
    for (const oldest of this.#confirmed.keys()) {
      this.#confirmed.delete(oldest)
      return
    }
  }

  /** The log is read from its beginning again. */
  onRestart(why: RestartReason): void {
    const isLost = why === 'stream-replaced' || why === 'stream-gone'
    // Another restart in the middle: what was seen until then says nothing.
    this.#unseen = isLost || this.#unseen !== undefined ? new Map(this.#confirmed) : undefined
  }

  /** Takes note of an event of the log. */
  onEvent({ headers }: ChangeEvent): void {
    if (this.#unseen !== undefined && typeof headers.txid === 'string') this.#unseen.delete(headers.txid)
  }

  /** Takes note of a snapshot, which names the newest of the transactions that it holds. */
  onControl({ headers }: ControlEvent): void {
    if (this.#unseen === undefined || headers.control === 'snapshot-end') return
    const named: unknown = headers['txids']
    // A reset may pass over a part of the log, and an older one may be in a snapshot that does not name it.
    if (!Array.isArray(named) || named.length >= mostTxids) this.#unseen = undefined
    else for (const txid of named as readonly unknown[]) this.#unseen.delete(String(txid)) // of which nothing is known
  }

  /** The log is read to its end: what was not seen is lost. */
  onUpToDate(): void {
    const lost = this.#unseen
    this.#unseen = undefined
    if (lost === undefined) return
    for (const [txid, write] of lost) {
      this.#confirmed.delete(txid)
      this.#reporter.reportLostWrite(lostError(write), write)
    }
  }
}

function lostError({ txid, action }: Write): StreamDBError {
  const what =
    action === undefined ? `The transaction ${txid}` : `The action "${action}" (transaction ${txid})`
  return new StreamDBError(
    'write-lost',
    `${what} was confirmed, and is no longer in the log: the stream was put back to an older copy, or made anew. Write it again where it is still wanted`,
  )
}

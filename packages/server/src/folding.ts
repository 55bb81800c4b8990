import { mostTxids, readState } from '@streamdb/log'
import type { BatchSource, Checkpoint } from '@streamdb/log'
import { isChangeEvent } from '@streamdb/state'
import { BoundaryWatch } from './boundary.ts'
import type { Boundary } from './boundary.ts'
import { OrderedState } from './ordered-state.ts'

/** A log's state, as far as it was read. */
export class Folding {
  readonly #source: BatchSource
  readonly #state = new OrderedState()
  readonly #boundary = new BoundaryWatch()
  readonly #txids = new Set<string>()
  // Of a snapshot of the log that has not ended: their rows are not visible.
  readonly #openTxids = new Set<string>()
  #checkpoint: Checkpoint | undefined
  #events = 0

  constructor(source: BatchSource) {
    this.#source = source
  }

  /** Where a snapshot of the state can be made; nothing where it can be nowhere. */
  get boundary(): Boundary | undefined {
    return this.#boundary.last
  }

  /** How many items were read behind the last snapshot that was read, or that `markWritten` told of. */
  get events(): number {
    return this.#events
  }

  /** Where reading goes on. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint
  }

  get state(): OrderedState {
    return this.#state
  }

  /** The last transactions, oldest first. */
  get txids(): readonly string[] {
    return [...this.#txids]
  }

  /** A snapshot was made of what was read. */
  markWritten(): void {
    this.#events = 0
  }

  /** Reads the log to its end; `knownOffset`: where the snapshot ends that reading may begin with. Throws as `readState`. */
  async read(knownOffset: string | undefined, signal: AbortSignal | undefined): Promise<void> {
    const from = this.#checkpoint
    for await (const read of readState({ source: this.#source, from, signal })) {
      switch (read.type) {
        case 'event': {
          this.#events++
          this.#boundary.note(read.event, read.checkpoint.offset)
          this.#state.apply(read.event)
          this.#noteTxids(isChangeEvent(read.event) ? [read.event.headers.txid] : read.event.headers['txids'])
          break
        }
        case 'invalid':
          this.#events++
          this.#boundary.note(read.issue.event, read.checkpoint.offset)
          break
        case 'restart':
          this.#state.clear()
          this.#boundary.clear()
          this.#txids.clear()
          this.#openTxids.clear()
          this.#checkpoint = undefined
          this.#events = 0
          break
        case 'checkpoint':
          this.#boundary.end(read.checkpoint)
          this.#checkpoint = read.checkpoint
          if (read.checkpoint.offset === knownOffset) this.#events = 0
      }
    }
  }

  #noteTxids(txids: unknown): void {
    for (const txid of Array.isArray(txids) ? txids : []) {
      if (typeof txid !== 'string') continue
      // The last one is the newest.
      this.#openTxids.delete(txid)
      this.#openTxids.add(txid)
    }
    if (this.#state.insideSnapshot) return
    for (const txid of this.#openTxids) {
      this.#txids.delete(txid)
      this.#txids.add(txid)
    }
    this.#openTxids.clear()
    for (const oldest of this.#txids) {
      if (this.#txids.size <= mostTxids) break
      this.#txids.delete(oldest)
    }
  }
}

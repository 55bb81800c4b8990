import type { Checkpoint, Recorder, RestartReason, StoredChange } from '@streamdb/log'
import { RowLog } from './row-log.ts'

/** What was recorded and is not saved: changes that are visible, and where they lead. */
export interface Recorded {
  readonly replaces: boolean
  readonly changes: Iterable<StoredChange>
  readonly checkpoint: Checkpoint
  readonly txids: ReadonlySet<string>
}

/**
 * Folds what a database reads until it is saved, by key: its memory is bounded by the rows, however slow the store is.
 *
 * What is read and not visible yet is kept apart from what is: a save never holds half a transaction (SPEC S2).
 */
export class RowRecorder implements Recorder {
  readonly #onChanges: () => void
  readonly #onRestarted: (why: RestartReason) => void
  #read = new RowLog()
  // Nothing is stored at first: what the log begins with is all.
  #readReplaces = true
  #readTxids = new Set<string>()
  #snapshot: RowLog | undefined
  #visible = new RowLog()
  #visibleReplaces = false
  #visibleTxids = new Set<string>()
  #checkpoint: Checkpoint | undefined
  #isSaved = true
  #mode: 'recording' | 'muted' | 'stopped' = 'recording'

  /** `onChanges` is called when there is something to save, and `onRestarted` when what is stored is void. */
  constructor(onChanges: () => void, onRestarted: (why: RestartReason) => void) {
    this.#onChanges = onChanges
    this.#onRestarted = onRestarted
  }

  /** Whether something is visible that was not taken to be saved. */
  get hasChanges(): boolean {
    return !this.#isSaved
  }

  /** Runs `deliver`, and records nothing of it: rows that are stored already. */
  mute<Value>(deliver: () => Value): Value {
    if (this.#mode !== 'recording') return deliver()
    this.#mode = 'muted'
    try {
      return deliver()
    } finally {
      this.#mode = 'recording'
    }
  }

  /** What follows changes rows that are stored at `checkpoint`; what was recorded so far is part of them, or older. */
  beginAt(checkpoint: Checkpoint): void {
    this.#forget()
    this.#readReplaces = false
    this.#checkpoint = checkpoint
  }

  /** Takes what is visible and not saved. */
  take(): Recorded | undefined {
    if (this.#isSaved || this.#checkpoint === undefined) return undefined
    const recorded = {
      replaces: this.#visibleReplaces,
      changes: this.#visible.changes(),
      checkpoint: this.#checkpoint,
      txids: this.#visibleTxids,
    }
    this.#visible = new RowLog()
    this.#visibleReplaces = false
    this.#visibleTxids = new Set()
    this.#isSaved = true
    return recorded
  }

  /** Records nothing any more. */
  stop(): void {
    this.#mode = 'stopped'
    this.#forget()
  }

  onPut(type: string, key: string, value: unknown, version: number): void {
    if (this.#mode !== 'recording') return
    const log = this.#snapshot ?? this.#read
    log.put(type, key, value, version)
  }

  onDelete(type: string, key: string): void {
    if (this.#mode !== 'recording') return
    const log = this.#snapshot ?? this.#read
    log.delete(type, key)
  }

  onRefused(type: string, key: string, value: unknown, version: number): void {
    if (this.#mode !== 'recording') return
    const log = this.#snapshot ?? this.#read
    log.refuse([type, key, value, version, true])
  }

  onReset(): void {
    if (this.#mode !== 'recording') return
    this.#snapshot = undefined
    this.#read = new RowLog()
    this.#readReplaces = true
  }

  onSnapshotStart(): void {
    if (this.#mode === 'recording') this.#snapshot = new RowLog()
  }

  onSnapshotEnd(): void {
    if (this.#snapshot === undefined) return
    this.#read = this.#snapshot
    this.#readReplaces = true
    this.#snapshot = undefined
  }

  onApplied(checkpoint: Checkpoint, txids: ReadonlySet<string>): void {
    if (this.#mode === 'stopped') return
    for (const txid of txids) this.#readTxids.add(txid)
    // A checkpoint never lies inside a snapshot: what came before it is saved with what follows.
    if (this.#snapshot !== undefined) return
    const isMoved = checkpoint.offset !== this.#checkpoint?.offset
    if (!isMoved && this.#read.size === 0 && !this.#readReplaces) return
    this.#checkpoint = checkpoint
    this.#moveToVisible()
    this.#isSaved = false
    this.#onChanges()
  }

  onRestart(why: RestartReason): void {
    if (this.#mode === 'stopped') return
    this.#forget()
    this.#readReplaces = true
    this.#checkpoint = undefined
    this.#onRestarted(why)
  }

  #moveToVisible(): void {
    if (this.#readReplaces || (this.#visible.size === 0 && !this.#visibleReplaces)) {
      this.#visibleReplaces ||= this.#readReplaces
      this.#visible = this.#read
    } else this.#visible.addAll(this.#read)
    for (const txid of this.#readTxids) this.#visibleTxids.add(txid)
    this.#read = new RowLog()
    this.#readReplaces = false
    this.#readTxids = new Set()
  }

  #forget(): void {
    this.#read = new RowLog()
    this.#readReplaces = false
    this.#readTxids = new Set()
    this.#snapshot = undefined
    this.#visible = new RowLog()
    this.#visibleReplaces = false
    this.#visibleTxids = new Set()
    this.#isSaved = true
  }
}

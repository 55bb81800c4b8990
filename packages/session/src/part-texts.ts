import type { AppliedChanges, Readable } from '@streamdb/db'
import { Listeners } from '@streamdb/log'
import type { Delta, Part } from './rows.ts'
import type { SessionDB } from './session-db.ts'

/** The text of a part that streams. */
interface StreamingText {
  text: string
  /** The sequence of the next delta. */
  next: number
  /** Deltas that came before one that is missing. */
  readonly early: Map<number, string>
}

/** A part's text as a store: one object a part, as long as somebody may listen. */
interface TextStore extends Readable<string> {
  readonly listeners: Listeners
}

/**
 * Folds deltas into the texts of their parts: constant work a delta, and only the part that it belongs to is told of it.
 *
 * Deltas of a part that is settled are ignored: its row holds the whole text (SPEC A4).
 */
export class PartTexts {
  readonly #parts: Pick<SessionDB['collections']['parts'], 'get'>
  readonly #streaming = new Map<string, StreamingText>()
  readonly #stores = new Map<string, TextStore>()
  readonly #stop: () => void

  constructor(db: Pick<SessionDB, 'collections' | 'observe'>) {
    this.#parts = db.collections.parts
    this.#stop = db.observe({ onChanges: (changes) => this.apply(changes) })
  }

  /** Returns the text of a part as it is now; the empty text where there is no such part. */
  get(part: string): string {
    return this.#streaming.get(part)?.text ?? this.#parts.get(part)?.text ?? ''
  }

  /** Returns the text of a part as a value that changes; the same object for the same part. */
  of(part: string): Readable<string> {
    const known = this.#stores.get(part)
    if (known !== undefined) return known
    const listeners = new Listeners()
    const store: TextStore = { listeners, get: () => this.get(part), subscribe: listeners.subscribe }
    this.#stores.set(part, store)
    return store
  }

  /** Folds what became visible. */
  apply({ rows, replaces }: Pick<AppliedChanges, 'rows' | 'replaces'>): void {
    const touched = new Set<string>()
    if (replaces) {
      for (const part of this.#streaming.keys()) touched.add(part)
      this.#streaming.clear()
    }
    for (const [id, row] of rows.get('part') ?? []) this.#applyPart(id, row as Part | undefined, touched)
    for (const [key, row] of rows.get('delta') ?? []) {
      // A deleted delta was swept: its part is settled.
      if (row !== undefined) this.#applyDelta(key, row as Delta, touched)
    }
    for (const part of touched) this.#stores.get(part)?.listeners.notify()
  }

  stop(): void {
    this.#stop()
    this.#streaming.clear()
    this.#stores.clear()
  }

  #applyPart(id: string, row: Part | undefined, touched: Set<string>): void {
    if (row?.state === 'streaming') {
      if (!this.#streaming.has(id))
        this.#streaming.set(id, { text: row.text ?? '', next: 0, early: new Map() })
      return
    }
    this.#streaming.delete(id)
    touched.add(id)
  }

  #applyDelta(key: string, { text }: Delta, touched: Set<string>): void {
    const end = key.lastIndexOf(':')
    const part = key.slice(0, end)
    const sequence = Number(key.slice(end + 1))
    const streaming = this.#streaming.get(part)
    // Settled, or unknown; or read already: a delta is put once, whatever is delivered again.
    if (streaming === undefined || !(sequence >= streaming.next)) return
    streaming.early.set(sequence, text)
    if (sequence !== streaming.next) return
    for (
      let next = streaming.early.get(sequence);
      next !== undefined;
      next = streaming.early.get(streaming.next)
    ) {
      streaming.early.delete(streaming.next)
      streaming.text += next
      streaming.next++
    }
    touched.add(part)
  }
}

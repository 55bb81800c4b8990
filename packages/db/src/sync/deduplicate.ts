import { isBefore } from '@streamdb/log'
import type { Batch } from '@streamdb/log'

/**
 * Knows which items of a batch were ingested before: a response that broke off is delivered again, and some servers
 * repeat older events (SPEC F-mat-4).
 *
 * Where the items of a response lie is known by their number. Repeated events are known by the offsets that a server
 * stamps on its events; a writer can put an offset into an event as well, so they count only where the server stamps
 * every event (F-real-67).
 */
export class Deduplicator {
  // Where the response begins that is being ingested, and how many of its items are ingested.
  #response: string | undefined
  #count = 0
  // The highest stamp that was ingested.
  #reached = ''
  // An event without a stamp was seen: this server stamps none.
  #isUnstamped = false
  #usesStamps = false

  /** Begins a batch; returns the index of its first item that was not ingested before. */
  begin(batch: Batch): number {
    if (batch.from !== this.#response) {
      this.#response = batch.from
      this.#count = 0
      this.#reached = batch.from
    }
    // Rows of a store have no stamps, and say nothing of the server.
    this.#usesStamps = !this.#isUnstamped && batch.stored === undefined && this.#isStamped(batch)
    return Math.max(0, this.#count - batch.first)
  }

  /** Takes note of how many items of a batch were ingested. */
  end(batch: Batch, count: number): void {
    this.#count = Math.max(this.#count, batch.first + count)
    if (batch.complete && count >= batch.items.length) this.#response = undefined
  }

  /** Tells whether an item repeats an event that was ingested before. */
  isRepeat(item: unknown, batch: Batch): boolean {
    if (!this.#usesStamps) return false
    const stamp = headerOf(item, 'offset')
    if (typeof stamp !== 'string') return false
    // The events of one append share its stamp.
    if (isBefore(stamp, this.#reached) || stamp === batch.from) return true
    if (!isBefore(batch.offset, stamp)) this.#reached = stamp
    return false
  }

  /** Whether the server stamps the events of the batch that was begun. */
  get usesStamps(): boolean {
    return this.#usesStamps
  }

  /** Leaves a response in its middle: the next batch begins another one. Returns what comes back to it. */
  leaveResponse(): () => void {
    const [response, count, reached] = [this.#response, this.#count, this.#reached]
    this.#response = undefined
    return () => {
      this.#response = response
      this.#count = count
      this.#reached = reached
    }
  }

  /** Forgets the stream: another one is read, which another server may serve. */
  restart(): void {
    this.#response = undefined
    this.#isUnstamped = false
  }

  /** Returns the items of a batch that were not ingested before. */
  unprocessed({ items, first, from }: Batch): readonly unknown[] {
    const done = from === this.#response ? this.#count - first : 0
    return done > 0 ? items.slice(done) : items
  }

  /** Tells whether the server stamps its events: all of them, each with an offset of this response or before it. */
  #isStamped({ items, offset, complete }: Batch): boolean {
    let isEnd = false
    for (const item of items) {
      if (!hasHeaders(item)) continue
      const stamp = headerOf(item, 'offset')
      if (typeof stamp !== 'string' || stamp.length !== offset.length || isBefore(offset, stamp)) {
        this.#isUnstamped = true
        return false
      }
      if (stamp === offset) isEnd = true
    }
    // Only the server knows where a response ends.
    return isEnd || !complete
  }
}

/** Returns a header of an item, of which nothing is known yet. */
export function headerOf(item: unknown, name: 'offset' | 'txid'): unknown {
  return (item as { headers?: { offset?: unknown; txid?: unknown } | null } | null)?.headers?.[name] // as just said
}

function hasHeaders(item: unknown): boolean {
  const headers = (item as { headers?: unknown } | null)?.headers // of which nothing is known yet
  return typeof headers === 'object' && headers !== null
}

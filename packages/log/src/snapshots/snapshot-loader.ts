import { backoff } from '../backoff.ts'
import type { ReaderTimes } from '../backoff.ts'
import type { BatchSink } from '../batch-source.ts'
import { isBefore, start } from '../offsets.ts'
import { SinkError, toReadFailure } from '../read-failure.ts'
import { delay } from '../timeout.ts'
import type { NewestRows, OlderRows } from '../older-rows.ts'
import type { SnapshotEntry } from './format.ts'
import { mayReadAgain } from './may-read-again.ts'
import { readNewest } from './older-pages.ts'
import { planPages } from './plan-pages.ts'
import type { PagePlan } from './plan-pages.ts'
import { readSnapshotPage, snapshotStart, UnusableSnapshot } from './read-snapshot.ts'
import type { SnapshotProgress } from './read-snapshot.ts'
import type { SnapshotFinder } from './snapshot-finder.ts'
import type { RequestsOn } from './snapshot-requests.ts'

/** What loading a snapshot works with. */
export interface SnapshotLoaderOptions {
  readonly find: SnapshotFinder
  readonly requestsOn: RequestsOn
  readonly times: ReaderTimes
  readonly maxEventSize?: number | undefined
  /** Which rows are to be delivered first; nothing for all of them. */
  readonly newest?: (() => NewestRows | undefined) | undefined
}

/** What loading came to. */
export type Loaded =
  | {
      readonly type: 'snapshot'
      readonly entry: SnapshotEntry
      readonly bytes: number
      /** What was left out. */
      readonly older?: OlderRows | undefined
    }
  /** There is none that can be used. `isAnswered`: the server said so; otherwise it may have one. */
  | { readonly type: 'none'; readonly isAnswered: boolean }

/** Which part of a snapshot is delivered first. */
interface NewestPlan {
  readonly entry: SnapshotEntry
  readonly wanted: NewestRows
  readonly plan: PagePlan
}

/** A snapshot that was not read to its end. */
interface GivenUp {
  /** Some of it was delivered. */
  readonly isDelivered: boolean
  /** Its server answered: it will not be of use later either. */
  readonly isReachable: boolean
}

/** How often a request is tried before the log is read instead. */
const mostAttempts = 4
/** So many items of a snapshot are delivered at once. */
const mostItems = 2000
/** So many refused snapshots are remembered. */
const mostRefused = 1000

/** Loads the newest snapshot that can be used, whole, into a sink. */
export class SnapshotLoader {
  readonly #options: SnapshotLoaderOptions
  readonly #refused = new Set<string>()
  // Loading may be stopped, and goes on.
  #reading: { readonly entry: SnapshotEntry; progress: SnapshotProgress } | undefined

  #attempts = mostAttempts
  #skipDelay: (() => void) | undefined

  constructor(options: SnapshotLoaderOptions) {
    this.#options = options
  }

  /** Never uses this snapshot again: it does not fit the log. */
  refuse({ url }: SnapshotEntry): void {
    this.#refused.add(url)
    for (const oldest of this.#refused) {
      if (this.#refused.size <= mostRefused) break
      this.#refused.delete(oldest)
    }
  }

  /** Tries at once what waits to be tried again. */
  retryNow(): void {
    this.#skipDelay?.()
  }

  /** Forgets how far a snapshot was read: what was delivered of it is void. */
  restart(): void {
    this.#reading = undefined
  }

  /**
   * Delivers a snapshot; its last batch is complete, and ends at its offset. Where one proves unusable in the middle,
   * calls `onRestart` and tries the one before, after another look at the index. Each request is tried `attempts` times.
   * Throws a `SinkError` for what the sink threw, and the signal's reason.
   */
  async load(sink: BatchSink, signal: AbortSignal, attempts: number = mostAttempts): Promise<Loaded> {
    this.#attempts = Math.min(attempts, this.#options.times.maxRetries + 1)
    // For now: the network may be down, and with it the log.
    const unreachable = new Set<string>()
    // Their pages alone were of no use; whole they may be.
    const whole = new Set<string>()
    let candidates: readonly SnapshotEntry[] | undefined
    let looks = 0
    for (;;) {
      if (this.#reading === undefined) {
        if (candidates === undefined || looks === 1) {
          // Behind the first failure the index is read again: it may have been an old copy of it.
          const found = await this.#attempt(sink, signal, () => this.#options.find(signal))
          looks++
          if (found === 'unreachable') return { type: 'none', isAnswered: false }
          candidates = found === 'refused' ? [] : found
        }
        const entry = newest(candidates, [this.#refused, unreachable])
        if (entry === undefined) return { type: 'none', isAnswered: unreachable.size === 0 }
        this.#reading = { entry, progress: snapshotStart }
      }
      const { entry } = this.#reading
      const wanted = this.#options.newest?.()
      const plan = wanted && !whole.has(entry.url) ? planPages(entry, wanted) : undefined
      if (wanted !== undefined && plan !== undefined) {
        const older = await this.#readNewest(sink, signal, { entry, wanted, plan })
        if (typeof older === 'object') return { type: 'snapshot', entry, bytes: 0, older }
        if (older === 'unreachable') unreachable.add(entry.url)
        else whole.add(entry.url)
        this.#reading = undefined
        signal.throwIfAborted()
        continue
      }
      const read = await this.#read(sink, signal)
      if (typeof read === 'number') return { type: 'snapshot', entry, bytes: read }
      if (read.isReachable) this.refuse(entry)
      else unreachable.add(entry.url)
      this.#reading = undefined
      if (read.isDelivered) this.#restart(sink)
      // Stopped by the sink: reading is started anew.
      signal.throwIfAborted()
    }
  }

  /** Reads the newest rows of a snapshot, and delivers them as the whole of one; resolves with what was left out. */
  async #readNewest(
    sink: BatchSink,
    signal: AbortSignal,
    { entry, wanted, plan }: NewestPlan,
  ): Promise<OlderRows | 'unreachable' | 'unusable'> {
    const options = { ...this.#options, newest: wanted }
    const read = await this.#attempt(sink, signal, async () => {
      try {
        return await readNewest(entry, plan, options, signal)
      } catch (error) {
        if (error instanceof UnusableSnapshot) return 'unusable' as const
        throw error
      }
    })
    if (typeof read === 'string') return read === 'unreachable' ? read : 'unusable'
    // Stamped, as `checkItems` stamps the others.
    const end = { headers: { control: 'snapshot-end', offset: entry.offset } }
    const items = [...read.items, end]
    for (let first = 0; first < items.length; first += mostItems) {
      const part = items.slice(first, first + mostItems)
      const complete = first + part.length === items.length
      const { offset, streamId } = entry
      const batch = { items: part, first, from: start, offset, streamId, complete, bytes: 0 }
      callSink(() => sink.onBatch({ ...batch, upToDate: false, closed: false }))
      await sink.ready()
      signal.throwIfAborted()
    }
    this.#reading = undefined
    return read.older
  }

  /** Reads what is left of a snapshot; resolves with its bytes, or with why it was given up. */
  async #read(sink: BatchSink, signal: AbortSignal): Promise<number | GivenUp> {
    const reading = this.#reading
    if (reading === undefined) return { isDelivered: false, isReachable: true }
    const { entry } = reading
    const { requestsOn, times, maxEventSize } = this.#options
    let isDelivered = reading.progress.items > 0
    let bytes = 0
    for (;;) {
      const read = await this.#attempt(sink, signal, async () => {
        try {
          return await readSnapshotPage(entry, reading.progress, {
            ...{ requests: requestsOn(entry.url), times, maxEventSize, signal },
            async take(batch) {
              signal.throwIfAborted()
              if (batch.items.length > 0) isDelivered = true
              bytes = batch.bytes
              callSink(() => sink.onBatch(batch))
              await sink.ready()
              signal.throwIfAborted()
            },
          })
        } catch (error) {
          if (error instanceof UnusableSnapshot) return 'unusable' as const
          throw error
        }
      })
      if (read === undefined) {
        this.#reading = undefined
        return bytes
      }
      if (typeof read === 'string') return { isDelivered, isReachable: read !== 'unreachable' }
      reading.progress = read
    }
  }

  /** Tries again what may pass, and says so to the sink. */
  async #attempt<Value>(
    sink: BatchSink,
    signal: AbortSignal,
    run: () => Promise<Value>,
  ): Promise<Value | 'unreachable' | 'refused'> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await run()
      } catch (thrown) {
        signal.throwIfAborted()
        if (thrown instanceof SinkError) throw thrown
        if (!mayReadAgain(thrown)) return 'refused'
        if (attempt >= this.#attempts) return 'unreachable'
        const { error, retryAfter } = toReadFailure(thrown, 'Reading a snapshot failed')
        const now = Date.now()
        const ms = Math.max(retryAfter, backoff(this.#options.times, attempt))
        sink.onConnection({ type: 'break', attempt, now, nextTry: now + ms, error })
        await delay(ms, signal, new Promise<void>((resolve) => (this.#skipDelay = resolve)))
        signal.throwIfAborted()
      }
    }
  }

  #restart(sink: BatchSink): void {
    callSink(() => sink.onRestart('snapshot-lost'))
  }
}

function newest(
  candidates: readonly SnapshotEntry[],
  without: readonly ReadonlySet<string>[],
): SnapshotEntry | undefined {
  let best: SnapshotEntry | undefined
  for (const entry of candidates) {
    if (without.some((urls) => urls.has(entry.url))) continue
    if (best === undefined || isBefore(best.offset, entry.offset)) best = entry
  }
  return best
}

function callSink(run: () => unknown): void {
  try {
    run()
  } catch (error) {
    throw new SinkError(error)
  }
}

import type { JsonBatch } from '@durable-streams/client'
import type { Checkpoint, RestartReason } from '@streamdb/log'
import type { ChangeEvent, StateEvent } from '@streamdb/state'
import type { Reporter } from './report.ts'
import type { InvalidEvent } from './sync/invalid-event.ts'
import type { Status } from './sync/status.ts'
import type { Write } from './writes/write.ts'

/** A batch of a stream as observers see it. */
export type StreamBatch = JsonBatch<StateEvent>

/** Changes that were applied to the collections, as one step. */
export interface AppliedChanges {
  /** By event type, then by key: the new row, or `undefined` where the row was deleted. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, unknown>>
  /** Every row that `rows` does not hold is gone: a reset, a complete snapshot, or the log was read again. */
  readonly replaces: boolean
  /** The transactions that are visible now. */
  readonly txids: ReadonlySet<string>
}

/** A snapshot that was begun and not ended: nothing of it is visible. */
export interface OpenSnapshot {
  /** When its beginning was read, in milliseconds since the epoch. */
  readonly since: number
  /** Where the batch ended that held its beginning. */
  readonly offset: string
}

/**
 * Watches a database. Every function is optional; what one throws is reported to `onError` and stops nothing.
 *
 * For one batch they are called in this order: `onBeforeBatch`, `onEvent` and `onInvalid`, and when its rows are visible
 * `onStatus`, `onChanges`, `onBatch`.
 */
export interface Observer {
  /** Called for every batch before any of it is applied. A response of more than half a megabyte comes in several. */
  onBeforeBatch?(batch: StreamBatch): void
  /** Called for every valid change when it is read, in the order of the log; its row is not visible yet. */
  onEvent?(event: ChangeEvent): void
  /**
   * Called for rows that the option `load` had left out, right before they are visible: they were inserted before all
   * others, in this order. `onEvent` is not called for them. `all`: these, and between them those that do not become visible
   * by that, as the log has put or deleted them since.
   */
  onOlderRows?(events: readonly ChangeEvent[], all: readonly ChangeEvent[]): void
  /** Called for every event that was not applied. */
  onInvalid?(invalid: InvalidEvent): void
  /**
   * Called when changes are visible, or only the checkpoint has moved. `checkpoint` is where a reader of these rows may resume:
   * it is never inside a snapshot, and so may be before the last batch.
   */
  onChanges?(changes: AppliedChanges, checkpoint: Checkpoint): void
  /** Called for every batch when its rows are visible; during the first load that is after all of it. */
  onBatch?(batch: StreamBatch): void
  onStatus?(status: Status): void
  /** Called for every change of a write of this client. */
  onWrite?(write: Write): void
  /** Called when a snapshot begins, and with `undefined` when none is open any more. */
  onSnapshot?(snapshot: OpenSnapshot | undefined): void
  /** Called when the log is about to be read from its beginning again. */
  onRestart?(reason: RestartReason): void
}

const names = [
  'onBeforeBatch',
  'onEvent',
  'onOlderRows',
  'onInvalid',
  'onChanges',
  'onBatch',
  'onStatus',
  'onWrite',
  'onSnapshot',
  'onRestart',
] as const satisfies readonly (keyof Observer)[]

/** One call of `observe`: an observer that is added twice is called twice, and each call's result removes one. */
interface Subscription {
  readonly observer: Observer
}

type Subscriptions = Readonly<Record<keyof Observer, Set<Subscription>>>

/** The observers of one database. */
export class Observers {
  readonly #reporter: Reporter
  // By function, so that unused observers cost nothing.
  readonly #subscriptions: Subscriptions

  constructor(reporter: Reporter) {
    this.#reporter = reporter
    // Each of the names.
    this.#subscriptions = Object.fromEntries(
      names.map((name) => [name, new Set()]),
    ) as unknown as Subscriptions
  }

  /** Adds an observer; returns what removes it. */
  readonly add = (observer: Observer): (() => void) => {
    const subscription = { observer }
    for (const name of names) {
      if (typeof observer[name] === 'function') this.#subscriptions[name].add(subscription)
    }
    return () => {
      for (const name of names) this.#subscriptions[name].delete(subscription)
    }
  }

  /** Whether anybody observes this; otherwise it need not be made. */
  want(name: keyof Observer): boolean {
    return this.#subscriptions[name].size > 0
  }

  beforeBatch(batch: StreamBatch): void {
    this.#each('onBeforeBatch', (observer) => observer.onBeforeBatch?.(batch))
  }

  /** Called for every event of the log: it makes no closure, and costs nothing without observers. */
  event(event: ChangeEvent): void {
    const subscriptions = this.#subscriptions.onEvent
    if (subscriptions.size === 0) return
    for (const { observer } of subscriptions) {
      try {
        observer.onEvent?.(event)
      } catch (error) {
        this.#reporter.report(error, 'onEvent')
      }
    }
  }

  olderRows(events: readonly ChangeEvent[], all: readonly ChangeEvent[]): void {
    this.#each('onOlderRows', (observer) => observer.onOlderRows?.(events, all))
  }

  invalid(invalid: InvalidEvent): void {
    this.#each('onInvalid', (observer) => observer.onInvalid?.(invalid))
  }

  changes(applied: AppliedChanges, checkpoint: Checkpoint): void {
    if (!this.want('onChanges')) return
    // Copies: a collection that is loaded on demand goes on with these Maps.
    const rows = new Map([...applied.rows].map(([type, each]) => [type, new Map(each)] as const))
    const changes = { ...applied, rows }
    this.#each('onChanges', (observer) => observer.onChanges?.(changes, checkpoint))
  }

  batch(batch: StreamBatch): void {
    this.#each('onBatch', (observer) => observer.onBatch?.(batch))
  }

  status(status: Status): void {
    this.#each('onStatus', (observer) => observer.onStatus?.(status))
  }

  write(write: Write): void {
    this.#each('onWrite', (observer) => observer.onWrite?.(write))
  }

  snapshot(snapshot: OpenSnapshot | undefined): void {
    this.#each('onSnapshot', (observer) => observer.onSnapshot?.(snapshot))
  }

  restart(reason: RestartReason): void {
    this.#each('onRestart', (observer) => observer.onRestart?.(reason))
  }

  /** Removes all observers. */
  close(): void {
    for (const name of names) this.#subscriptions[name].clear()
  }

  #each(name: keyof Observer, call: (observer: Observer) => void): void {
    for (const subscription of [...this.#subscriptions[name]]) {
      // One that was called before may have removed this one, or closed the database.
      if (!this.#subscriptions[name].has(subscription)) continue
      try {
        call(subscription.observer)
      } catch (error) {
        this.#reporter.report(error, name)
      }
    }
  }
}

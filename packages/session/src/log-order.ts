import type { ChangeEvent } from '@streamdb/state'
import type { Approval, Decision } from './rows.ts'
import type { SessionDB } from './session-db.ts'

/** The types whose order matters. */
const ordered = ['message', 'branch', 'decision', 'queueItem', 'agent', 'run', 'approval', 'step'] as const

/** A type whose rows have a place. */
export type OrderedType = (typeof ordered)[number]

/**
 * Knows where rows were inserted into the log: the order of the conversation (SPEC A3).
 *
 * It hears of an event when it is read, and so knows a row's place before anybody sees the row.
 */
export class LogOrder {
  readonly #places = new Map<string, Map<string, number>>(ordered.map((type) => [type, new Map()]))
  // What a put has replaced since would otherwise be lost: the first decision counts, not the last (SPEC A8).
  readonly #firstDecisions = new Map<string, Decision>()
  /** Questions that expired before anybody decided: what comes behind that in the log is too late. */
  readonly #expired = new Set<string>()
  readonly #db: Pick<SessionDB, 'observe' | 'older'>
  readonly #stop: () => void
  #next = 0
  // Rows that are read later, and were inserted before all others, have places below 0.
  #first = 0

  /** `hydrated`: rows that the database was given, in their order; nobody hears of their events. */
  constructor(db: Pick<SessionDB, 'observe' | 'older'>, hydrated: readonly ChangeEvent[] = []) {
    this.#db = db
    for (const event of hydrated) this.#onEvent(event)
    this.#stop = db.observe({
      onEvent: (event) => this.#onEvent(event),
      onOlderRows: (_, all) => this.#onOlderRows(all),
      onRestart: () => {
        for (const places of this.#places.values()) places.clear()
        this.#firstDecisions.clear()
        this.#expired.clear()
      },
    })
  }

  /** Whether there are rows before those that were read. */
  get hasOlder(): boolean {
    return (this.#db.older.remaining ?? 0) > 0
  }

  /** Changes when older rows have places. */
  get firstPlace(): number {
    return this.#first
  }

  /**
   * Returns the place of a row, the smaller, the earlier; `Infinity` for one that the log does not have yet, `-Infinity` for one
   * that lies somewhere in what is not read yet.
   */
  of(type: OrderedType, key: string): number {
    return this.#places.get(type)?.get(key) ?? Infinity
  }

  /** Returns the decision about an approval, a tool call or a run that came first; none about a question that had expired by then. */
  firstDecision(subject: string): Decision | undefined {
    return this.#firstDecisions.get(subject)
  }

  stop(): void {
    this.#stop()
  }

  #onEvent({ type, key, value, headers }: ChangeEvent): void {
    const places = this.#places.get(type)
    if (places === undefined) return
    if (type === 'approval') this.#onApproval(key, value)
    if (headers.operation === 'delete') {
      places.delete(key)
    } else if (!places.has(key)) {
      // It was inserted before what was read: where, its own page says.
      const isOlder = headers.operation === 'update' && this.hasOlder
      places.set(key, isOlder ? -Infinity : this.#next++)
      if (type === 'decision') this.#onDecision(key, value)
    }
  }

  /** In the order of the log; they come before all that was read earlier. */
  #onOlderRows(events: readonly ChangeEvent[]): void {
    for (const { type, key, value } of [...events].reverse()) {
      const places = this.#places.get(type)
      if (places === undefined) continue
      const place = places.get(key)
      if (place === undefined || place === -Infinity) places.set(key, --this.#first)
      // Earlier than whichever was read before.
      if (type === 'decision') {
        const decision = toDecision(key, value)
        if (!this.#expired.has(decision.subject)) this.#firstDecisions.set(decision.subject, decision)
      }
    }
  }

  #onApproval(key: string, value: unknown): void {
    // It is called for events that the schema took; a deleted row has no value.
    const { status } = (value ?? {}) as Partial<Approval>
    if (status !== 'expired') this.#expired.delete(key)
    else if (!this.#firstDecisions.has(key)) this.#expired.add(key)
  }

  #onDecision(key: string, value: unknown): void {
    const decision = toDecision(key, value)
    if (this.#expired.has(decision.subject)) return
    if (!this.#firstDecisions.has(decision.subject)) this.#firstDecisions.set(decision.subject, decision)
  }
}

function toDecision(key: string, value: unknown): Decision {
  // It is called for events that the schema took.
  return { id: key, ...(value as Omit<Decision, 'id'>) }
}

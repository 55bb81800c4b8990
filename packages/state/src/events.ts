/**
 * The events of the State Protocol, as they travel: one JSON object each.
 *
 * Wire words (`old_value`, `snapshot-start`) are spelled here as the wire spells them, and nowhere else.
 */

/** The words of `Operation` and of `Control`; wide, so that anything can be looked up in them. */
export const operations: readonly unknown[] = ['insert', 'update', 'upsert', 'delete'] satisfies Operation[]
export const controls: readonly unknown[] = ['snapshot-start', 'snapshot-end', 'reset'] satisfies Control[]

/** What a change does to its row. Insert, update and upsert all replace it (SPEC M2). */
export type Operation = 'insert' | 'update' | 'upsert' | 'delete'

/** What a control event says about the log itself. */
export type Control = 'snapshot-start' | 'snapshot-end' | 'reset'

/** The headers of a change. Headers that the protocol does not name pass through untouched (SPEC P3). */
export interface ChangeHeaders {
  readonly operation: Operation
  /** Groups the events of one transaction; a writer waits for it to come back. */
  readonly txid?: string | undefined
  /** RFC 3339 time of the change. */
  readonly timestamp?: string | undefined
  /** Who wrote the event. */
  readonly from?: string | undefined
  /** Where in the stream the event lies, where a server stamps it. */
  readonly offset?: string | undefined
  readonly [header: string]: unknown
}

/** A change of one entity, named by `type` and `key`. */
export interface ChangeEvent<Value = unknown> {
  readonly type: string
  readonly key: string
  /** The whole new row. Every operation but `delete` has one. */
  readonly value?: Value | undefined
  readonly old_value?: Value | undefined
  readonly headers: ChangeHeaders
}

/** The headers of a control event. */
export interface ControlHeaders {
  readonly control: Control
  /** For `reset`: the offset at which reading continues. For snapshots: the offset of the boundary. */
  readonly offset?: string | undefined
  readonly [header: string]: unknown
}

/** A statement about the log: a reset, or the boundary of a snapshot. */
export interface ControlEvent {
  readonly headers: ControlHeaders
}

/** Everything that may stand in a log. */
export type StateEvent<Value = unknown> = ChangeEvent<Value> | ControlEvent

/** Tells whether `event` changes an entity. */
export function isChangeEvent<Value = unknown>(event: StateEvent<Value>): event is ChangeEvent<Value> {
  return event.headers.operation !== undefined
}

/** Tells whether `event` controls the log. */
export function isControlEvent<Value = unknown>(event: StateEvent<Value>): event is ControlEvent {
  return !isChangeEvent(event)
}

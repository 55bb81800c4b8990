import { MaterializedState } from '@streamdb/state'
import type { StateEvent, StateIssue } from '@streamdb/state'
import type { Checkpoint } from './batch-source.ts'
import { isBefore, start } from './offsets.ts'
import { readState } from './read-state.ts'
import type { ReadStateOptions } from './read-state.ts'

/** What `materialize` reads, and how far. */
export interface MaterializeOptions extends Omit<ReadStateOptions, 'live' | 'from' | 'onConnection'> {
  /**
   * An offset to stop at: what lies behind it is left out. Exact where the server stamps its events with their offsets,
   * as the reference server does; elsewhere the response that reaches it is read to its end, as `checkpoint` says.
   */
  readonly until?: string | undefined
}

/** A log's state, and where it stands. */
export interface Materialized {
  readonly state: MaterializedState
  /** Where the log goes on behind the state. */
  readonly checkpoint: Checkpoint
  /** Nothing was left out. */
  readonly upToDate: boolean
  /** How many items were no events, or had rows that the schemas refuse, and the first hundred of the issues. */
  readonly invalid: { readonly count: number; readonly first: readonly StateIssue[] }
}

/**
 * Reads a stream to its end, or until an offset, into a `MaterializedState`. Throws as `readState` does.
 *
 * @example
 * ```ts
 * const { state } = await materialize({ url })
 * state.getType('user')
 * ```
 */
export async function materialize(options: MaterializeOptions): Promise<Materialized> {
  const { until } = options
  const state = new MaterializedState()
  const first: StateIssue[] = []
  let count = 0
  let checkpoint: Checkpoint = { offset: start }
  let events: StateEvent[] = []
  const apply = (): void => {
    state.applyBatch(events)
    events = []
  }
  const materialized = (upToDate: boolean): Materialized => {
    apply()
    return { state, checkpoint, upToDate, invalid: { count, first } }
  }
  const snapshots = snapshotsUntil(options.snapshots, until)
  for await (const read of readState({ ...options, snapshots, live: false })) {
    switch (read.type) {
      case 'event': {
        const stamp = until === undefined ? undefined : stampOf(read.event)
        if (until !== undefined && stamp !== undefined && isBefore(until, stamp)) {
          checkpoint = { ...read.checkpoint, offset: until }
          return materialized(false)
        }
        events.push(read.event)
        // A page of millions is not kept twice.
        if (events.length >= 10_000) apply()
        break
      }
      case 'invalid':
        count++
        if (first.length < 100) first.push(read.issue)
        break
      case 'restart':
        state.clear()
        events = []
        break
      case 'checkpoint':
        checkpoint = read.checkpoint
        if (until !== undefined && !isBefore(checkpoint.offset, until)) return materialized(read.upToDate)
    }
  }
  return materialized(true)
}

/** A snapshot behind the offset to stop at is of no use. */
function snapshotsUntil(
  snapshots: MaterializeOptions['snapshots'],
  until: string | undefined,
): MaterializeOptions['snapshots'] {
  if (until === undefined || snapshots === undefined || snapshots === false) return snapshots
  const given = snapshots === true ? {} : snapshots
  const isEarlier = given.until !== undefined && isBefore(given.until, until)
  return isEarlier ? given : { ...given, until }
}

/** Returns the offset behind an event, where the server says it. */
function stampOf({ headers }: StateEvent): string | undefined {
  const { offset } = headers as { offset?: unknown } // a header like any other, in changes
  return typeof offset === 'string' ? offset : undefined
}

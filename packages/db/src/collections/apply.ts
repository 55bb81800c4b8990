import { createCollection, safeRandomUUID } from '@tanstack/db'
import type { SyncConfig } from '@tanstack/db'
import type { Changes } from '@streamdb/state'
import { slicesOf } from './chunks.ts'

/** What a commit needs of a collection's sync: TanStack's own functions. */
export type Sink = Pick<SyncParams, 'begin' | 'commit' | 'truncate'> & {
  write(message: { type: 'delete'; key: string } | { type: 'update'; key: string; value: object }): void
}

/** Marks a collection ready or failed. */
export interface SyncLife {
  markReady(): void
  markError(error: Error): void
}

type SyncParams = Parameters<SyncConfig<object, string>['sync']>[0]

/** Publishes what `run` commits as one publication: every live query over it runs once, at its end. */
export type Publish = (run: () => void) => void

/**
 * Commits `changes` to the collections that `sinks` holds by event type, as one publication (DESIGN C1).
 *
 * Every collection commits, whatever a listener of another does; then the first error is thrown. Rows are put
 * with `update`, which under `rowUpdateMode: 'full'` replaces the row or inserts it (DESIGN fact 1).
 */
export function commit(changes: Changes, sinks: ReadonlyMap<string, Sink>, publish: Publish): void {
  const touched: Sink[] = []
  const errors: unknown[] = []
  const attempt = (run: () => void): void => {
    try {
      run()
    } catch (error) {
      errors.push(error)
    }
  }
  for (const [type, sink] of sinks) {
    const rows = changes.rows.get(type)
    if (!changes.replaces && rows === undefined) continue
    touched.push(sink)
    sink.begin()
    // Ready is said by the status, when everything is read; a reset in mid catch-up must not say it.
    if (changes.replaces) sink.truncate({ markReady: false })
    if (rows !== undefined) writeRows(sink, rows, errors)
  }
  if (touched.length === 0) return
  attempt(() => {
    // One commit is one publication by itself, and the publisher would cost a second.
    const commits = (): void => touched.forEach((sink) => attempt(() => void sink.commit()))
    if (touched.length === 1) commits()
    else publish(commits)
  })
  if (errors.length > 0) throw errors[0]
}

/**
 * Commits `changes` to collections that are empty, in many short steps: nothing is whole before the last.
 *
 * Nothing that TanStack refuses stops what is left; then the first error is thrown.
 */
export function* commitInSlices(
  changes: Changes,
  sinks: ReadonlyMap<string, Sink>,
): Generator<undefined, void> {
  const errors: unknown[] = []
  for (const [type, sink] of sinks) {
    for (const slice of slicesOf(changes.rows.get(type) ?? new Map<string, unknown>())) {
      if (slice !== undefined) {
        try {
          sink.begin()
          writeRows(sink, slice, errors)
          void sink.commit()
        } catch (error) {
          // As of an index of the application's that takes no such row: the others are not to be lost for it.
          errors.push(error)
        }
      }
      yield undefined
    }
  }
  if (errors.length > 0) throw errors[0]
}

function writeRows(sink: Sink, rows: Iterable<readonly [string, unknown]>, errors: unknown[]): void {
  for (const [key, row] of rows) {
    try {
      if (row === undefined) sink.write({ type: 'delete', key })
      // Collections are only ever given rows that validateRow returned: objects.
      else sink.write({ type: 'update', key, value: row as object })
    } catch (error) {
      // A row that TanStack refuses stops no other: a batch that is half lost would never come again.
      errors.push(error)
    }
  }
}

/**
 * Returns a `Publish` of its own.
 *
 * TanStack runs live queries when the outermost publication ends, so commits made inside a listener of a small
 * collection of ours are one publication (DESIGN fact 3). Nothing but `run` happens there, and nothing escapes it.
 */
export function createPublisher(): Publish {
  let sink: Sink | undefined
  let run: (() => void) | undefined
  let round = 0
  const trigger = createCollection<{ id: string; round: number }, string>({
    id: `streamdb-publisher-${safeRandomUUID()}`,
    getKey: (row) => row.id,
    gcTime: 0,
    startSync: true,
    sync: {
      rowUpdateMode: 'full',
      sync: (params) => {
        sink = params as unknown as Sink // only ever given rows of this collection
        params.markReady()
      },
    },
  })
  trigger.subscribeChanges(() => run?.(), { includeInitialState: false })
  return (commits) => {
    if (sink === undefined) return
    run = commits
    try {
      sink.begin()
      sink.write({ type: 'update', key: 'round', value: { id: 'round', round: round++ } })
      // Nobody writes to this collection but we, so the receipt says nothing.
      void sink.commit()
    } finally {
      run = undefined
    }
  }
}

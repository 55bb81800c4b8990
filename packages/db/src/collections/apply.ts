import type { Changes } from '@streamdb/state'
import { chunksOf } from './chunks.ts'
import type { LoadedRows } from './on-demand/loaded-rows.ts'
import type { Publish } from './publication.ts'
import type { AnyCollection, CollectionWriter } from './types.ts'

/** A collection and what puts rows into it. */
export interface WritableCollection {
  readonly collection: AnyCollection
  readonly writer: CollectionWriter
  /** Where it is loaded on demand: all of its rows. Changes of it are complete: nothing of them is implied. */
  readonly loadedRows?: LoadedRows | undefined
}

/**
 * Returns changes that replace nothing: rows that are no longer in the log become deletes.
 *
 * TanStack's `truncate` cannot be done in steps, and publishes every row as deleted and inserted.
 */
export function withDeletes(changes: Changes, collections: ReadonlyMap<string, WritableCollection>): Changes {
  if (!changes.replaces) return changes
  const rows = new Map(changes.rows)
  for (const [type, { collection, loadedRows }] of collections) {
    if (loadedRows !== undefined) continue
    // The confirmed rows: a pending write of this client is not the log's to delete.
    const gone = [...collection.base.keys()].filter((key) => !changes.rows.get(type)?.has(key))
    if (gone.length === 0) continue
    const all = new Map(changes.rows.get(type))
    for (const key of gone) all.set(key, undefined)
    rows.set(type, all)
  }
  return { ...changes, rows, replaces: false }
}

/**
 * Commits changes to `collections`, by event type, as one publication (SPEC C1); then runs `after`, inside it.
 *
 * Every collection commits, whatever a listener of another does; then the first error is thrown. Rows are put
 * with `update`, which under `rowUpdateMode: 'full'` replaces the row or inserts it (SPEC fact 1).
 */
export function applyAtOnce(
  changes: Changes,
  collections: ReadonlyMap<string, WritableCollection>,
  publish: Publish,
  settled?: Settlement,
): void {
  const touched: WritableCollection[] = []
  const errors: unknown[] = []
  for (const [type, target] of collections) {
    const rows = changes.rows.get(type)
    const replaces = changes.replaces && target.loadedRows === undefined
    if (!replaces && rows === undefined) continue
    touched.push(target)
    target.writer.begin()
    // Ready is said by the status, when everything is read; a reset in the middle of a catch-up must not say it.
    if (replaces) target.writer.truncate({ markReady: false })
    if (rows !== undefined) writeRows(target.writer, rows, errors)
  }
  if (touched.length === 0 && settled === undefined) return
  const commits = (): void => {
    for (const { writer } of touched) attempt(() => void writer.commit(), errors)
    if (settled) attempt(() => settled.settle(), errors)
  }
  // One commit is one publication by itself, and the trigger would cost a second.
  if (touched.length === 1 && settled === undefined) commits()
  else {
    const own = touched.map(({ collection }) => collection)
    attempt(() => publish(new Set([...own, ...(settled?.collections ?? [])]), commits), errors)
  }
  if (errors.length > 0) throw errors[0]
}

/** Transactions that end in the publication in which their rows come. */
export interface Settlement {
  readonly collections: Iterable<AnyCollection>
  settle(): void
}

/**
 * Commits changes in many short steps: nothing is whole before the last, and nothing may be published before it.
 *
 * Nothing that TanStack refuses stops what is left; then the first error is thrown.
 */
export function* applyInChunks(
  given: Changes,
  collections: ReadonlyMap<string, WritableCollection>,
): Generator<undefined, void> {
  const changes = withDeletes(given, collections)
  const errors: unknown[] = []
  for (const [type, { collection, writer }] of collections) {
    const rows = changes.rows.get(type) ?? new Map<string, unknown>()
    for (const chunk of chunksOf(rows, collection.size === 0 ? 'empty' : 'filled')) {
      // As of an index of the application's that takes no such row: the others are not to be lost for it.
      if (chunk !== undefined) {
        attempt(() => {
          writer.begin()
          writeRows(writer, chunk, errors)
          void writer.commit()
        }, errors)
      }
      yield undefined
    }
  }
  if (errors.length > 0) throw errors[0]
}

function writeRows(
  writer: CollectionWriter,
  rows: Iterable<readonly [string, unknown]>,
  errors: unknown[],
): void {
  for (const [key, row] of rows) {
    try {
      if (row === undefined) writer.write({ type: 'delete', key })
      // Collections are only ever given rows that validateRow returned: objects.
      else writer.write({ type: 'update', key, value: row as object })
    } catch (error) {
      // A row that TanStack refuses stops no other: a batch that is half lost would never come again.
      errors.push(error)
    }
  }
}

function attempt(run: () => void, errors: unknown[]): void {
  try {
    run()
  } catch (error) {
    errors.push(error)
  }
}

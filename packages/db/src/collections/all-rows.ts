import type { LoadedRows } from './on-demand/loaded-rows.ts'
import type { AnyCollection } from './types.ts'

const byCollection = new WeakMap<object, LoadedRows>()

/** Remembers the rows of a collection that is loaded on demand. */
export function registerLoadedRows(collection: object, rows: LoadedRows): void {
  byCollection.set(collection, rows)
}

/** Returns the rows of a collection that is loaded on demand; `undefined` for every other one. */
export function loadedRowsOf(collection: object): LoadedRows | undefined {
  return byCollection.get(collection)
}

/** The rows of the log, by key. */
export type LogRows = AnyCollection['base']

/** Returns the rows that the log has of a collection, loaded or not, without those of pending writes. */
export function logRowsOf(collection: Pick<AnyCollection, 'base'>): LogRows {
  return loadedRowsOf(collection)?.allRows() ?? collection.base
}

/** Returns a row as `get` would, were it loaded: as pending writes show it. */
export function rowOf(collection: Pick<AnyCollection, 'get'>, key: string): object | undefined {
  const rows = loadedRowsOf(collection)
  return collection.get(key) ?? (rows?.isLoaded(key) === false ? rows.allRows().get(key) : undefined)
}

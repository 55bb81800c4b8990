import { getActiveTransaction } from '@tanstack/db'
import type { Transaction } from '@tanstack/db'
import { StreamDBError, toStreamDBError } from '@streamdb/log'
import type { Reporter } from '../report.ts'
import { adoptMutations } from './adopt-mutations.ts'
import type { CollectionWriters } from './collection-writers.ts'
import type { LoadedRows } from './on-demand/loaded-rows.ts'
import { loadedRowsOf } from './all-rows.ts'
import { toKeyText } from './read-barrier.ts'
import { toSchemaError } from './schema-errors.ts'
import type { AnyCollection } from './types.ts'
import { stripVirtualFields } from './virtual-fields.ts'

/** Runs mutations as one transaction that is written to the log: the database's write queue. */
export interface Transactor {
  transact(mutate: () => void): Transaction
}

/** What writing through to the log works with. */
export interface WriteThroughContext {
  readonly writers: CollectionWriters
  readonly transactor: Transactor
  readonly reporter: Reporter
}

/**
 * Makes a collection's own methods write through to the log, and take numbers for keys.
 *
 * TanStack's handlers (`onInsert` ...) run in a persisting transaction, which holds back every remote change of the
 * collection until it settles (SPEC fact 4; contract/persisting.test.ts). A write is therefore made inside a
 * transaction of the database, which stays pending; inside a transaction of the application it belongs to that one. Upstream:
 * TanStack/db#1048 (sync while persisting) and the RFC TanStack/db#1625 would replace this.
 */
export function writeThrough(
  collection: AnyCollection,
  name: string,
  { writers, transactor, reporter }: WriteThroughContext,
): void {
  const { insert, delete: remove } = collection
  const update = collection.update.bind(collection)

  const loadedRows = loadedRowsOf(collection)

  const write = (what: string, keys: readonly string[], mutate: () => Transaction): Transaction => {
    writers.beforeRead()
    const mutateOrReport = (): Transaction => {
      const transaction = getActiveTransaction()
      const unpin = pinRows(loadedRows, keys, transaction)
      const before = transaction?.mutations.at(-1)
      const count = transaction?.mutations.length
      try {
        return mutate()
      } catch (error) {
        // The change is shown, and a listener or an index of the application threw.
        if (
          transaction &&
          (transaction.mutations.length !== count || transaction.mutations.at(-1) !== before)
        ) {
          reporter.report(error, `A listener of the collection "${name}"`)
          return transaction
        }
        unpin?.()
        const failure = `Cannot ${what} "${name}"`
        throw toSchemaError(error, failure) ?? toStreamDBError(error, 'invalid-write', failure)
      }
    }
    return getActiveTransaction() === undefined
      ? transactor.transact(() => void mutateOrReport())
      : mutateOrReport()
  }

  /** Throws where a row to be changed is not there, with what is to be done about it. */
  const assertPresent = (what: string, keys: string): void => {
    const missing = [keys].flat().find((key) => typeof key === 'string' && !collection.has(key))
    if (missing === undefined) return
    const why = writers.isLoaded
      ? 'the collection has no such row. It may have been deleted meanwhile: check with has() first'
      : 'its rows are not loaded yet. Wait for db.preload() first'
    throw new StreamDBError('invalid-write', `Cannot ${what} "${missing}" in "${name}": ${why}`)
  }

  Object.assign(collection, {
    insert: (rows: object | object[], config?: Parameters<typeof insert>[1]) =>
      write('insert into', loadedRows?.keysOf([rows].flat()) ?? [], () =>
        insert(Array.isArray(rows) ? rows.map(stripVirtualFields) : stripVirtualFields(rows), config),
      ),
    update: (keys: unknown, ...rest: [never, never]) =>
      write('update', [toKeyText(keys)].flat(), () => {
        assertPresent('update', toKeyText(keys))
        const active = getActiveTransaction()
        const transaction = update(toKeyText(keys), ...rest)
        // Where nothing changes, TanStack returns an empty transaction of its own.
        if (transaction !== active) adoptMutations(collection, [toKeyText(keys)].flat(), active)
        return transaction
      }),
    delete: (keys: unknown, config?: Parameters<typeof remove>[1]) =>
      write('delete from', [toKeyText(keys)].flat(), (): Transaction => {
        assertPresent('delete', toKeyText(keys))
        // TanStack says `any` of the transaction that it returns.
        return remove(toKeyText(keys), config) as Transaction
      }),
  })
}

/**
 * Keeps the rows that a transaction writes to loaded until it is settled: a row that no query needs is loaded first, so
 * that it is changed, deleted or refused as any other (SPEC D6). Returns what ends that.
 */
function pinRows(
  loadedRows: LoadedRows | undefined,
  keys: readonly string[],
  transaction: Transaction | undefined,
): (() => void) | undefined {
  if (loadedRows === undefined || transaction === undefined) return undefined
  const unpin = loadedRows.pin(keys)
  void transaction.when('settled').then(unpin, unpin)
  return unpin
}

import type { DurableStream } from '@durable-streams/client'
import type { ChangeEvent, StateDefinition } from '@streamdb/state'
import { randomId } from '../collections/transactions.ts'
import type { ActionDefinitions } from './actions.ts'
import { createHttpTransport } from '@streamdb/log'
import type { ReaderTimes } from '@streamdb/log'
import { changeRow } from '../collections/change-row.ts'
import type { AnyCollection } from '../collections/types.ts'
import { Conflicts } from './conflicts.ts'
import type { ConflictHandler, ConflictRule } from './conflicts.ts'
import { StreamDBError } from '@streamdb/log'
import { UndoHistory } from './undo-history.ts'
import type { CreateStreamDBOptions } from '../options/types.ts'
import type { Reporter } from '../report.ts'
import { Writes } from './write-queue.ts'
import type { WritesOwner } from './write-queue.ts'

/** The writing half of a database. */
export interface Writing {
  readonly writes: Writes
  readonly history: UndoHistory | undefined
  /** Takes note of a row that the log put, where somebody asked for conflicts. */
  readonly onRow: ((event: ChangeEvent, row: object | undefined) => void) | undefined
  /** Takes note of how far the log is shown. */
  onCommit(offset: string): void
  /** Tries at once what waits to be tried again. */
  retry(): void
}

/** What writing needs of its database. */
export interface WritingOwner extends Pick<
  WritesOwner,
  'signal' | 'assertWritable' | 'onSent' | 'awaitTxId' | 'waitForTxId'
> {
  readonly stream: DurableStream
  readonly times: ReaderTimes
  readonly collections: ReadonlyMap<string, AnyCollection>
  readonly reporter: Reporter
}

/** Joins what writing is made of: the appender, the writes and, where asked for, conflicts and the history. */
export function createWriting<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  options: CreateStreamDBOptions<Definitions, Actions>,
  owner: WritingOwner,
): Writing {
  const { state, confirmTimeout = 30_000, history: kept = false } = options
  const { stream, times, signal, collections, reporter } = owner
  const names = new Map<object, string>([...collections].map(([name, collection]) => [collection, name]))
  const definitionOf = (collection: object) => state[names.get(collection) ?? '']

  const conflicts =
    options.onConflict &&
    new Conflicts(conflictRules(options, collections), (run) => reporter.call('onConflict', run, undefined))
  const appender = createHttpTransport({
    stream,
    streamOptions: options.streamOptions,
    isOwnHandle: options.stream !== undefined,
    times,
    signal,
    onMissing: options.createIfMissing ? 'create' : options.waitForStream ? 'wait' : 'fail',
    checkStored: (until) => writes.reachEnd(until),
  })
  const writes: Writes = new Writes({
    ...owner,
    confirmTimeout,
    definitionOf,
    append: (body, txid) => appender.append({ body, txid }),
    findEnd: async (until) => {
      const found = await stream.head({ signal: until })
      if (found.exists && found.offset !== undefined) return found.offset
      throw new StreamDBError('stream-failed', `${stream.url} does not say where it ends`)
    },
    newTxId: randomId,
    onBegin: ({ mutations }, txid) => {
      for (const mutation of mutations) {
        const definition = definitionOf(mutation.collection)
        if (definition && mutation.type === 'update') conflicts?.begin(mutation, definition.type, txid)
      }
    },
    onSettled: ({ txid, transaction, state: { name } }) => {
      if (name === 'confirmed') history?.record(transaction)
      else conflicts?.end(txid)
    },
    onError: (error) => reporter.report(error, 'A listener'),
  })
  const history: UndoHistory | undefined = kept
    ? new UndoHistory({
        limit: kept === true ? 100 : kept.limit,
        nameOf: (collection) => names.get(collection),
        editable: (name) => editable(collections.get(name)),
        transact: (mutate) => writes.transact(mutate),
        notify: (listener) => reporter.call('A listener of the history', listener, undefined),
      })
    : undefined
  return {
    writes,
    history,
    onRow: conflicts && ((event, row) => conflicts.onRow(event, row)),
    onCommit(offset) {
      writes.onCommit(offset)
      conflicts?.resolve()
    },
    retry: () => appender.retryNow(),
  }
}

function conflictRules<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  { state, onConflict }: CreateStreamDBOptions<Definitions, Actions>,
  collections: ReadonlyMap<string, AnyCollection>,
): Map<string, ConflictRule> {
  const rules = new Map<string, ConflictRule>()
  for (const [name, handler] of Object.entries(onConflict ?? {})) {
    const definition = state[name]
    const collection = collections.get(name)
    if (definition === undefined || collection === undefined || handler === undefined) continue
    rules.set(definition.type, {
      // It is given rows of its own collection only.
      handler: handler as ConflictHandler<object>,
      // Where others have deleted it since, it stays deleted.
      write: (key, ours, merged) => collection.has(key) && changeRow(collection, key, ours, merged),
    })
  }
  return rules
}

function editable(collection: AnyCollection | undefined) {
  return {
    get: (key: string) => collection?.get(key),
    insert: (row: object) => collection?.insert(row),
    delete: (key: string) => collection?.delete(key),
    change: (key: string, from: object, to: object) => collection && changeRow(collection, key, from, to),
  }
}

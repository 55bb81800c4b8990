import type { DurableStream } from '@durable-streams/client'
import type { CollectionDefinition, SchemaUpgrade, StateDefinition } from '@streamdb/state'
import { createActionSender, createHttpSender, createHttpTransport } from '@streamdb/log'
import type { BatchSource, OnMissing, ReaderTimes, StorageConnection } from '@streamdb/log'
import type { CollectionWriters } from '../collections/collection-writers.ts'
import type { AnyCollection } from '../collections/types.ts'
import type { CreateStreamDBOptions } from '../options/types.ts'
import type { Reporter } from '../report.ts'
import type { RowListener } from '../sync/ingest-parts.ts'
import type { WriteSide } from '../sync/write-side.ts'
import type { ActionDefinitions } from './actions.ts'
import { Conflicts } from './conflicts.ts'
import type { ConflictHandler, ConflictRule } from './conflicts.ts'
import type { DefinedCollection } from './from-events.ts'
import { keepHistory } from './kept-history.ts'
import { LogEnd } from './log-end.ts'
import { LostWrites } from './lost-writes.ts'
import { OffsetWaiters } from './offset-waiters.ts'
import { ServerCalls } from './server-calls.ts'
import { KeptWrites } from './stream-outbox.ts'
import type { FunctionOf } from './stream-outbox.ts'
import type { TxIds } from './txids.ts'
import { UndoHistory } from './undo-history.ts'
import { WriteQueue } from './write-queue.ts'

/** The writing half of a database: it receives every row of the log, and the visible batches. */
export interface WritePipeline extends RowListener, WriteSide {
  readonly queue: WriteQueue
  readonly serverCalls: ServerCalls
  readonly history: UndoHistory | undefined
  /** Begins to show what the outbox keeps, where there is one. `functionOf`: returns what writes a call of an action. */
  keepBy(functionOf: FunctionOf): KeptWrites | undefined
}

/** What writing works with. */
export interface WritePipelineParts {
  readonly stream: DurableStream
  readonly source: BatchSource
  readonly times: ReaderTimes
  readonly txids: TxIds
  readonly collections: ReadonlyMap<string, AnyCollection>
  /** What puts rows into the collections: confirmed writes end in the publication in which their rows come. */
  readonly writers: CollectionWriters
  readonly reporter: Reporter
  readonly onMissing: OnMissing
  /** How rows of earlier versions of the application become current ones. */
  readonly upgrade: SchemaUpgrade
  /** Keeps writes in a store, where the application asks for it or where tabs share them. */
  readonly storage: Pick<StorageConnection, 'createOutbox' | 'shareWrites'> | undefined
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
  /** Throws where nothing can be written. */
  readonly assertWritable: () => void
  /** Reads once more where the database is not live, or not started. */
  readonly readOn: () => void
}

/** Joins what writing is made of: the transport, the queue and, where asked for, conflicts and the history. */
export function createWritePipeline<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  options: CreateStreamDBOptions<Definitions, Actions>,
  parts: WritePipelineParts,
): WritePipeline {
  const { confirmTimeout = 30_000, history: remembered = false } = options
  const { stream, source, times, collections, writers, reporter, signal } = parts
  const waiters = new OffsetWaiters()
  const logEnd = new LogEnd({ stream, source, waiters, readOn: parts.readOn })
  const http = {
    stream,
    streamOptions: options.streamOptions,
    isOwnHandle: options.stream !== undefined,
    times,
    signal,
    onMissing: parts.onMissing,
    checkStored: (until: AbortSignal) => logEnd.waitUntilVisible(until),
    source,
  }
  const { shareWrites } = parts.storage ?? {}
  const isOffline = options.offline === true
  const kept = isOffline || shareWrites ? parts.storage?.createOutbox?.(createHttpSender(http)) : undefined
  const isShared = !isOffline && kept !== undefined && shareWrites !== undefined
  const transport = isShared ? shareWrites(kept) : createHttpTransport(http)
  const outbox = isOffline ? kept : undefined
  const actionSender = createActionSender(http)
  const serverCalls = new ServerCalls(actionSender)
  const definitions = definitionsOf(options.state, collections)
  const queue = new WriteQueue({
    ...parts,
    state: options.state,
    version: parts.upgrade.version,
    transport,
    serverCalls,
    outbox,
    logEnd,
    definitions,
    publisher: writers,
    confirmTimeout,
  })
  writers.settleBy(queue)
  const conflicts = options.onConflict && new Conflicts(conflictRules(options, collections), reporter)
  if (conflicts) queue.observe(conflicts)
  const lost = new LostWrites(reporter)
  queue.observe(lost)
  const limit = remembered === true ? 100 : remembered === false ? 0 : remembered.limit
  const history = remembered === false ? undefined : new UndoHistory({ limit, collections, queue, reporter })
  if (history) queue.observe(history)
  if (history && outbox)
    keepHistory(history, { outbox, signal, state: options.state, version: parts.upgrade.version })
  return {
    queue,
    serverCalls,
    history,
    keepBy(functionOf) {
      if (outbox === undefined) return undefined
      const byType = collectionsByType(options.state, collections)
      return new KeptWrites({ ...{ outbox, queue, byType, functionOf }, upgrade: parts.upgrade }, signal)
    },
    onRow(event, row) {
      queue.onEvent(event)
      lost.onEvent(event)
      conflicts?.onRow(event, row)
    },
    onApplied(offset, txids) {
      kept?.onApplied(txids)
      queue.onApplied(txids)
      waiters.advance(offset)
      conflicts?.resolve()
    },
    onControl(event, rows) {
      lost.onControl(event)
      conflicts?.onControl(event, rows)
    },
    onRestart(offset, why) {
      logEnd.forget()
      waiters.advance(offset)
      lost.onRestart(why)
      conflicts?.onRestart()
    },
    onUpToDate() {
      lost.onUpToDate()
      transport.retryNow()
      outbox?.retryNow()
    },
    onInsideSnapshot: (txids) => queue.onInsideSnapshot(txids),
    rejectAll: (error) => queue.rejectAll(error),
    retryNow() {
      transport.retryNow()
      actionSender.retryNow()
      outbox?.retryNow()
    },
  }
}

function definitionsOf(
  state: StateDefinition,
  collections: ReadonlyMap<string, AnyCollection>,
): Map<object, CollectionDefinition> {
  const definitions = new Map<object, CollectionDefinition>()
  for (const [name, definition] of Object.entries(state)) {
    const collection = collections.get(name)
    if (collection !== undefined) definitions.set(collection, definition)
  }
  return definitions
}

function collectionsByType(
  state: StateDefinition,
  collections: ReadonlyMap<string, AnyCollection>,
): Map<string, DefinedCollection> {
  const byType = new Map<string, DefinedCollection>()
  for (const [name, definition] of Object.entries(state)) {
    const collection = collections.get(name)
    if (collection !== undefined) byType.set(definition.type, { collection, definition })
  }
  return byType
}

function conflictRules<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  { state, onConflict }: CreateStreamDBOptions<Definitions, Actions>,
  collections: ReadonlyMap<string, AnyCollection>,
): Map<object, ConflictRule> {
  const rules = new Map<object, ConflictRule>()
  for (const [name, handler] of Object.entries(onConflict ?? {})) {
    const definition = state[name]
    const collection = collections.get(name)
    if (definition === undefined || collection === undefined || handler === undefined) continue
    // It is given rows of its own collection only.
    rules.set(collection, { collection, definition, handler: handler as ConflictHandler<object> })
  }
  return rules
}

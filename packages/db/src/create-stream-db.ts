import { Scheduler } from '@streamdb/log'
import { setVersion } from '@streamdb/state'
import type { BatchSource } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import { CollectionWriters } from './collections/collection-writers.ts'
import { createCollections } from './collections/create.ts'
import { claimCollectionIds } from './collections/ids.ts'
import { registerDatabase } from './collections/source-databases.ts'
import type { AnyCollection, CollectionMap } from './collections/types.ts'
import { createSource } from './create-source.ts'
import { Database } from './database.ts'
import { hydratedBatch, hydrationCheckpoint } from './hydration.ts'
import { Observers } from './observe.ts'
import { observerOf } from './options/observer-of.ts'
import { resolveOptions } from './options/resolve.ts'
import { omitVirtualFields } from './options/state-definitions.ts'
import { syncModeOf } from './options/sync-mode-of.ts'
import type { CreateStreamDBOptions } from './options/types.ts'
import { assertNotPast } from './past/create-past.ts'
import { TimeTravel } from './past/time-travel.ts'
import { explainFailures } from './query-failure.ts'
import { delayOfRepeated, watchCreated } from './repeated-creation.ts'
import { describePosition } from './describe-position.ts'
import { Reporter } from './report.ts'
import type { StreamDB } from './stream-db.ts'
import { BatchPipeline } from './sync/batch-pipeline.ts'
import { Ingest } from './sync/ingest.ts'
import { InitialLoad } from './sync/initial-load.ts'
import { InvalidEvents } from './sync/invalid-events.ts'
import { IssueStore } from './sync/issue-store.ts'
import { NewerVersions } from './sync/newer-versions.ts'
import { createOlderFold } from './sync/older-fold.ts'
import { OlderRowsLoader } from './sync/older-rows.ts'
import { SnapshotWatch } from './sync/snapshot-watch.ts'
import { StatusStore } from './sync/status-store.ts'
import { SyncSession } from './sync/sync-session.ts'
import { UnknownTypes } from './sync/unknown-types.ts'
import { createActions, defineAction } from './writes/actions.ts'
import type { ActionDefinitions } from './writes/actions.ts'
import { TxIds } from './writes/txids.ts'
import { createWritePipeline } from './writes/write-pipeline.ts'

/**
 * Turns a Durable Stream into a reactive database: one typed TanStack DB collection for every event type.
 *
 * Nothing is requested before `preload()` or the first read of a collection, and nothing else happens that the top
 * level of a module may not do on a serverless runtime. Throws `invalid-options`.
 *
 * @example
 * ```ts
 * const db = createStreamDB({ streamOptions: { url }, state })
 * await db.preload()
 * db.collections.messages.toArray
 * ```
 */
export function createStreamDB<
  const Definitions extends StateDefinition,
  Actions extends ActionDefinitions = Record<never, never>,
>(options: CreateStreamDBOptions<Definitions, Actions>): StreamDB<Definitions, Actions> {
  const delay = delayOfRepeated(options)
  const db = createDatabase<Definitions, Actions>(delay > 0 ? { ...options, startOnRead: false } : options)
  watchCreated(db, options, delay)
  return db
}

/** The same for a database that is known not to be created again and again. `past`: it is read from there, and not written. */
export function createDatabase<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  options: CreateStreamDBOptions<Definitions, Actions>,
  past?: BatchSource,
): StreamDB<Definitions, Actions> {
  const db = connect(options, past)
  // Rows of these collections carry TanStack's fields from now on.
  omitVirtualFields(options.state)
  if (options.version !== undefined) setVersion(options.state, options.version)
  registerDatabase(db)
  explainFailures(db)
  return db
}

/** Makes the parts of a database, and joins them. */
function connect<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  given: CreateStreamDBOptions<Definitions, Actions>,
  past: BatchSource | undefined,
): StreamDB<Definitions, Actions> {
  const resolved = resolveOptions(given)
  const { options, stream, live, times, onMissing, snapshotTimeout, upgrade, plan } = resolved
  const { state } = options
  const closing = new AbortController()
  const { signal } = closing
  const isLive = live !== false
  const reporter = new Reporter(options.onError)
  const observers = new Observers(reporter)
  observers.add(observerOf(options))

  const status = new StatusStore(reporter, observers)
  const initialLoad = new InitialLoad()
  const snapshots = new SnapshotWatch(snapshotTimeout, observers, reporter)
  const unknownTypes = new UnknownTypes(
    stream.url,
    Object.values(state).map(({ type }) => type),
  )
  const invalidEvents = new InvalidEvents(options.onInvalid ?? 'skip', reporter, observers)
  const newerVersions = new NewerVersions(upgrade.version)
  const issues = new IssueStore({ invalidEvents, unknownTypes, newerVersions }, reporter)
  const txids = new TxIds(() => describePosition(pipeline, status, txids))

  const scheduler = new Scheduler()
  const target = new CollectionWriters(reporter, scheduler)
  const parts = { state, upgrade, observers, invalidEvents, unknownTypes, newerVersions }
  const ingest = new Ingest(parts)
  const older = new OlderRowsLoader({
    ...{ plan, observers, reporter, scheduler, signal },
    fold: createOlderFold(parts, () => pipeline.checkpoint.offset),
    apply: (changes) => pipeline.applyOlder(changes),
    countOf: (type) => target.countOf(type),
    whenRead: () => initialLoad.whenRead(),
    restart: (reason) => session.restart(reason),
    onChange: () => pipeline.onFacts(),
  })
  const log = {
    older,
    ingest,
    target,
    txids,
    status,
    observers,
    initialLoad,
    snapshots,
    issues,
    unknownTypes,
  }
  const pipeline = new BatchPipeline({ ...log, isLive, signal })
  const { source: recent, stored } = createSource(resolved, { older, reporter, signal })
  const source = past ?? recent
  const collections = new Map<string, AnyCollection>()
  const startOnRead = options.startOnRead ?? options.hydrate === undefined
  const reading = { source, pipeline, collections, scheduler, startOnRead, url: stream.url }
  const session = new SyncSession({ ...log, ...reading, signal })

  const collectionIds = claimCollectionIds(stream.url)
  // Collections write by the queue, and the queue knows their definitions: one of the two comes first.
  const transactor = { transact: (mutate: () => void) => writing.queue.transact(mutate) }
  const context = {
    reading: session,
    writers: target,
    reporter,
    transactor,
    signal,
    idOf: (name: string) => collectionIds.of(name),
    syncModeOf: (name: string) => syncModeOf(options.syncMode, name),
  }
  for (const [name, each] of createCollections(state, context)) collections.set(name, each)
  const writing = createWritePipeline(options, {
    ...{ stream, source, times, txids, collections, reporter, signal, onMissing, upgrade },
    storage: stored,
    writers: target,
    assertWritable: past ? assertNotPast : () => session.assertWritable(),
    readOn: () => session.readOn(),
  })
  ingest.listenToRows(writing)
  if (stored) {
    ingest.recordBy(stored.recorder)
    pipeline.recordBy(stored.recorder)
  }
  if (plan) ingest.listenToRows(older)
  writing.queue.observe({ onWrite: (write) => observers.write(write) })
  session.follow(writing)

  const db = new Database<Definitions, Actions>(
    // Name by name the very shape that the type maps.
    {
      ...{ state, stream, version: upgrade.version },
      collections: Object.fromEntries(collections) as unknown as CollectionMap<Definitions>,
    },
    {
      ...log,
      isLive,
      session,
      pipeline,
      writing,
      reporter,
      collectionIds,
      closing,
      storage: stored?.storage,
    },
    new TimeTravel({ given, resolved, create: createDatabase, isPast: past !== undefined, signal }),
    (self) => {
      // No factory, no actions.
      const definitions = options.actions
        ? options.actions({ db: self, stream, action: defineAction })
        : ({} as Actions)
      return createActions(definitions, writing)
    },
  )
  const { hydrate } = options
  if (hydrate) session.hydrate(hydratedBatch(hydrate), hydrationCheckpoint(hydrate, state))
  return db
}

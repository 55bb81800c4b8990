import { createHttpSource, createSnapshotSource, createStreamIdentifier, resolveUrl } from '@streamdb/log'
import type { BatchSource, StorageConnection } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import type { ResolvedOptions } from './options/resolve.ts'
import type { Reporter } from './report.ts'
import type { OlderRowsLoader } from './sync/older-rows.ts'
import type { ActionDefinitions } from './writes/actions.ts'

/** What a source works with, beside the options. */
export interface SourceParts {
  readonly older: OlderRowsLoader
  readonly reporter: Reporter
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}

/** Where a database's batches come from, and its store, where the option `storage` is given. */
export interface DatabaseSource {
  readonly source: BatchSource
  readonly stored: StorageConnection | undefined
}

/** Makes the source that the options ask for: the log over HTTP, behind snapshots of it, behind stored rows. */
export function createSource<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  resolved: ResolvedOptions<Definitions, Actions>,
  { older, reporter, signal }: SourceParts,
): DatabaseSource {
  const { options, stream, live, times, onMissing, upgrade, snapshotOptions } = resolved
  const streamOptions = options.stream ? undefined : options.streamOptions
  const http = createHttpSource({ stream, streamOptions, live, times, onMissing })
  const log = snapshotOptions
    ? createSnapshotSource(http, {
        ...snapshotOptions,
        stream,
        streamOptions,
        times,
        newest: () => (options.storage ? undefined : older.newest),
      })
    : http
  const stored = options.storage?.connect({
    url: resolveUrl(stream.url),
    types: Object.values(options.state).map(({ type }) => type),
    version: upgrade.version,
    source: log,
    identifier: createStreamIdentifier(stream, streamOptions),
    report: (error) => reporter.warn(error),
    signal,
  })
  return { source: stored?.source ?? log, stored }
}

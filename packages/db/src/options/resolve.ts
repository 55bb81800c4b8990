import { DurableStream } from '@durable-streams/client'
import type { DurableStreamOptions, LiveMode } from '@durable-streams/client'
import {
  defaultTimes,
  followRedirects,
  resolveIndexUrl,
  resolveUrl,
  shareHeaders,
  StreamDBError,
} from '@streamdb/log'
import type { OnMissing, ReaderTimes, SnapshotOptions } from '@streamdb/log'
import { versionOf } from '@streamdb/state'
import type { SchemaUpgrade, StateDefinition } from '@streamdb/state'
import type { LoadPlan } from '../sync/older-rows-parts.ts'
import type { ActionDefinitions } from '../writes/actions.ts'
import type { CreateStreamDBOptions } from './types.ts'
import { resolveLoad } from './load.ts'
import { checkOptions } from './validate.ts'

/** What a database is made of. */
export interface ResolvedOptions<Definitions extends StateDefinition, Actions extends ActionDefinitions> {
  readonly options: CreateStreamDBOptions<Definitions, Actions>
  readonly stream: DurableStream
  readonly live: LiveMode
  readonly times: ReaderTimes
  readonly onMissing: OnMissing
  readonly snapshotTimeout: number
  readonly upgrade: SchemaUpgrade
  /** Where the snapshots are that reading begins with; nothing where it begins with the log. */
  readonly snapshotOptions: SnapshotOptions | undefined
  /** Which rows are loaded first; absent where all are at once. */
  readonly plan: LoadPlan | undefined
}

/** Checks the options, and makes of them what reading and writing work with. Throws `invalid-options`. */
export function resolveOptions<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  given: CreateStreamDBOptions<Definitions, Actions>,
): ResolvedOptions<Definitions, Actions> {
  checkOptions(given)
  const { live = true, retry = {}, snapshotTimeout = 60_000, state, migrate, load } = given
  const { version = versionOf(state) ?? 1 } = given
  const times = { ...defaultTimes }
  for (const name of Object.keys(times) as (keyof ReaderTimes)[]) {
    // Longer than a timer can count would fire at once; so many attempts are as good as all.
    times[name] = Math.min(retry[name] ?? times[name], 2 ** 31 - 1)
  }
  const streamOptions = resolveStream(given, times)
  const stream = given.stream ?? createHandle(streamOptions)
  // oxlint-disable-next-line typescript/no-deprecated -- the published layer documents it
  const { onMissing = given.createIfMissing ? 'create' : 'fail' } = given
  // The newest rows come from the end of a snapshot.
  const { snapshots = load !== undefined } = given
  const snapshotOptions = snapshots === false ? undefined : snapshots === true ? {} : snapshots
  // Throws for an index that is no URL.
  if (snapshotOptions) resolveIndexUrl(stream.url, snapshotOptions.index)
  return {
    options: { ...given, streamOptions },
    stream,
    live,
    times,
    onMissing,
    snapshotTimeout,
    snapshotOptions,
    upgrade: { version, migrate },
    plan: resolveLoad(load, state),
  }
}

/** Returns what requests are made of: for a handle of the application, those that append. */
function resolveStream(
  { streamOptions, stream, redirects }: Pick<CreateStreamDBOptions, 'streamOptions' | 'stream' | 'redirects'>,
  times: ReaderTimes,
): DurableStreamOptions | undefined {
  const given = streamOptions ?? (redirects && stream && { url: stream.url })
  if (given === undefined) return undefined
  const fetch = followRedirects({ ...redirects, fetch: given.fetch })
  return shareHeaders({ ...given, url: resolveUrl(given.url), fetch }, times.connectTimeout)
}

/** Makes the handle of a stream. Throws `invalid-options` for options that a handle does not take. */
function createHandle(streamOptions: DurableStreamOptions | undefined): DurableStream {
  try {
    // Appends are JSON whatever the server says of the stream's type before the first read.
    return new DurableStream({
      contentType: 'application/json',
      ...(streamOptions as DurableStreamOptions), // checked: without a handle there are options
    })
  } catch (error) {
    const what = `createStreamDB: options.streamOptions cannot be used: ${String(error)}`
    throw new StreamDBError('invalid-options', what, { cause: error })
  }
}

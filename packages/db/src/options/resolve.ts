import { DurableStream } from '@durable-streams/client'
import type { DurableStreamOptions, LiveMode } from '@durable-streams/client'
import { defaultTimes, shareHeaders, StreamDBError } from '@streamdb/log'
import type { OnMissing, ReaderTimes } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import type { ActionDefinitions } from '../writes/actions.ts'
import type { CreateStreamDBOptions } from './types.ts'
import { checkOptions } from './validate.ts'

/** What a database is made of. */
export interface ResolvedOptions<Definitions extends StateDefinition, Actions extends ActionDefinitions> {
  readonly options: CreateStreamDBOptions<Definitions, Actions>
  readonly stream: DurableStream
  readonly live: LiveMode
  readonly times: ReaderTimes
  readonly onMissing: OnMissing
  readonly snapshotTimeout: number
}

/** Checks the options, and makes of them what reading and writing work with. Throws `invalid-options`. */
export function resolveOptions<Definitions extends StateDefinition, Actions extends ActionDefinitions>(
  given: CreateStreamDBOptions<Definitions, Actions>,
): ResolvedOptions<Definitions, Actions> {
  checkOptions(given)
  const { live = true, retry = {}, snapshotTimeout = 60_000 } = given
  const times = { ...defaultTimes }
  for (const name of Object.keys(times) as (keyof ReaderTimes)[]) {
    // Longer than a timer can count would fire at once; so many attempts are as good as all.
    times[name] = Math.min(retry[name] ?? times[name], 2 ** 31 - 1)
  }
  const streamOptions = given.streamOptions && shareHeaders(given.streamOptions, times.connectTimeout)
  let { stream } = given
  try {
    // Appends are JSON whatever the server says of the stream's type before the first read.
    stream ??= new DurableStream({
      contentType: 'application/json',
      ...(streamOptions as DurableStreamOptions),
    })
    new URL(stream.url)
  } catch (error) {
    const { url } = stream ?? (streamOptions as DurableStreamOptions)
    throw new StreamDBError(
      'invalid-options',
      `createStreamDB: expected an absolute URL of a stream but received ${String(url)}: ${String(error)}`,
      { cause: error },
    )
  }
  // oxlint-disable-next-line typescript/no-deprecated -- the published layer documents it
  const { onMissing = given.createIfMissing ? 'create' : 'fail' } = given
  return { options: { ...given, streamOptions }, stream, live, times, onMissing, snapshotTimeout }
}

import type { DurableStream, DurableStreamOptions } from '@durable-streams/client'
import { createAppender } from './appender.ts'
import { defaultTimes } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import type { BatchSource } from './batch-source.ts'
import { mayRenew } from './credentials.ts'
import { createRequests } from './http.ts'
import { StreamDBError } from './errors.ts'
import type { OnMissing } from './http-source.ts'
import { randomId } from './random-id.ts'
import type { SendOptions } from './send-with-retry.ts'
import type { WriteTransport } from './write-transport.ts'

/** How a stream is written over HTTP. */
export interface HttpTransportOptions {
  readonly stream: DurableStream
  /** What `stream` was made of; for a handle of the application, whose fetch and parameters appends take from here. */
  readonly streamOptions?: DurableStreamOptions | undefined
  /** Whether the application created `stream`: such a handle does not expose its headers. */
  readonly isOwnHandle?: boolean | undefined
  readonly times?: ReaderTimes | undefined
  /** Aborts what is under way, and everything that waits. */
  readonly signal: AbortSignal
  readonly onMissing?: OnMissing | undefined
  /**
   * Reads the log to its current end before a request that may be stored is sent again; `seen()` is called for what is found.
   * Without it only the producer's headers prevent duplicates.
   */
  readonly checkStored?: ((signal: AbortSignal) => Promise<void>) | undefined
  /** The source of the same log: appends tell it what they find, so that it does not wait for a dead connection. */
  readonly source?: Pick<BatchSource, 'verify'> | undefined
}

/** Returns a transport that appends to a Durable Stream, each write once. */
export function createHttpTransport(options: HttpTransportOptions): WriteTransport {
  return createAppender({ ...toSendOptions(options), newId: randomId })
}

/** Returns what sending works with. */
export function toSendOptions(options: HttpTransportOptions): SendOptions & { readonly contentType: string } {
  const { stream, streamOptions, times = defaultTimes, signal, onMissing = 'fail' } = options
  return {
    // Reading is the source's: these requests append only.
    requests: createRequests(stream, undefined, streamOptions),
    contentType: stream.contentType ?? 'application/json',
    times,
    signal,
    // Which headers a handle has it does not say.
    renews: options.isOwnHandle === true || mayRenew(streamOptions),
    waits: onMissing !== 'fail',
    checkStored: options.checkStored ?? cannotCheck,
    source: options.source,
  }
}

/** Without a reader nothing is known of the log: the producer's headers alone prevent duplicates. */
function cannotCheck(): Promise<never> {
  return Promise.reject(new StreamDBError('stream-failed', 'This transport has no checkStored'))
}

import type { StreamResponse } from '@durable-streams/client'
import type { PageHead } from './page-head.ts'

/**
 * How a page is requested. Servers allow caches to keep pages for a while, the last one too: a browser or a proxy then answers
 * from its cache, with an end of the log that may be a minute old.
 */
export type Freshness =
  /** As it comes. */
  | 'any'
  /** Not from the browser's cache; the headers ask other caches to forward the request. */
  | 'no-store'
  /** The same, with a URL that no cache has stored, for caches that ignore the headers. */
  | 'unseen'

/** One read request. */
export interface ReadRequest {
  readonly offset: string
  /** Absent: a page of what is there now. */
  readonly live?: 'sse' | 'long-poll' | undefined
  /** What the last response said, for caches on the way to collapse requests by. */
  readonly cursor?: string | undefined
  /** Default: any. A handle of the application asks as it does. */
  readonly freshness?: Freshness | undefined
  readonly signal: AbortSignal
}

/** A response whose head is there, and a success. */
export interface ReadResponse {
  readonly head: PageHead
  readonly headers: Headers
  /** Reads the body; once. */
  body(): AsyncIterable<Uint8Array>
  /** The response of an application's own handle, which parses live events by itself. */
  readonly session?: StreamResponse | undefined
  /** The raw body; absent where the runtime gives bodies only when they are complete. */
  readonly stream?: ReadableStream<Uint8Array> | undefined
  /** Ends the response unread. */
  cancel(): void
}

/** One append. */
export interface AppendRequest {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Called when the request leaves. */
  readonly onSend: () => void
}

/** The requests on one stream, one attempt each: the caller retries. */
export interface Requests {
  /** For messages: no secrets. */
  readonly url: string
  /** As it is requested, without parameters. */
  readonly href: string
  readonly origin: string
  read(request: ReadRequest): Promise<ReadResponse>
  /** Returns where the log ends by now; nothing where the server does not say. */
  findEnd(signal: AbortSignal): Promise<string | undefined>
  /** Returns the identity that the server reports for the stream, if any. */
  findId(signal: AbortSignal): Promise<string | undefined>
  /** Creates the stream, where it does not exist. */
  create(signal: AbortSignal): Promise<void>
  append(request: AppendRequest): Promise<Response>
  /** The result of the application's `onError` for a failure: stop, or retry; `undefined` without that option. */
  askOnError(error: unknown): Promise<'retry' | 'stop' | undefined>
}

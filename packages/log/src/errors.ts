import { errorHelp } from '@streamdb/state'
import type { WriteRefusal } from './write-refusal.ts'

/** What went wrong; branch on this, never on the message. */
export type StreamDBErrorCode =
  /** The options given to `createStreamDB`, or to one of its methods, cannot be used. */
  | 'invalid-options'
  /** Two copies of `@tanstack/db` are loaded; live queries of one cannot read the collections of the other. */
  | 'duplicate-tanstack-db'
  /** The database was closed. */
  | 'closed'
  /** The stream could not be read, and trying again would not help. */
  | 'stream-failed'
  /** The stream does not exist, or no longer does. */
  | 'stream-not-found'
  /** The stream was closed by its writer: it can be read, and takes no more writes. */
  | 'stream-ended'
  /** The server asks for other credentials. */
  | 'unauthorized'
  /** The server could not be reached, answered with a passing error, or broke off, or a header function threw. Trying again may help. */
  | 'unreachable'
  /**
   * The server redirected a request to where it may not go: another origin that the application does not allow, from https to
   * http, or in a way that makes a GET of a write. Nothing was sent there.
   */
  | 'redirect-refused'
  /** `preload()` did not end within its timeout; reading continues. */
  | 'preload-timeout'
  /** A snapshot has been open for long, and nothing behind its beginning is visible. */
  | 'snapshot-open'
  /** `onInvalid: 'fail'`, and an event was invalid. */
  | 'invalid-event'
  /** A function given by the application threw; reading went on. */
  | 'callback-failed'
  /** A write was refused before anything was shown: its rows do not fit the schema, or do not round-trip through JSON. */
  | 'invalid-write'
  /** The server refused the write; it is not in the log. */
  | 'write-failed'
  /** The write may be in the log, and was not seen there in time. */
  | 'write-unknown'
  /** A server action ran once, and its gateway no longer knows its result; its writes are in the log. */
  | 'result-unknown'
  /** The write was confirmed, and the log no longer has it: the stream was restored from an older copy, or recreated. */
  | 'write-lost'
  /** A transaction was rolled back, by its caller or together with an earlier one on the same rows. */
  | 'rolled-back'
  /** A transaction did not come back through the log in time. */
  | 'txid-timeout'
  /** The caller's signal was aborted. */
  | 'aborted'
  /** What is stored cannot be read or written: no such store here, no permission, or it broke. Rows go on in memory. */
  | 'storage-failed'
  /** There is no room left to store in. */
  | 'storage-full'
  /** What is stored does not add up; the log is read again. */
  | 'storage-corrupt'
  /** A later version wrote what is stored: it is left as it is, and rows go on in memory. */
  | 'storage-newer'
  /** Another tab saves by now; nothing was stored. */
  | 'storage-stale'
  /** The outbox holds as many unsent writes as it may; nothing was shown. */
  | 'outbox-full'
  /** What was given as an offset is none. */
  | 'offset-invalid'
  /** The log does not reach as far as an offset. */
  | 'offset-beyond-end'
  /** The server no longer has the log before an offset, and there is no snapshot of it. */
  | 'offset-gone'
  /** No event of the log says when it was written. */
  | 'time-unknown'
  /** Nothing can be written to a database of the past. */
  | 'read-only'
  /** The server does not fork streams. */
  | 'fork-unsupported'
  /** The server refused to fork this stream. */
  | 'fork-failed'
  /** A kept write needs an action that the application no longer has; it stays in the outbox. */
  | 'action-unknown'

/** What an error was made of, beside its message. */
export interface StreamDBErrorOptions extends ErrorOptions {
  readonly status?: number | undefined
  readonly body?: unknown
  readonly dependsOn?: string | undefined
  readonly reason?: WriteRefusal | undefined
}

/** The error of a failed operation or of a misuse of StreamDB. */
export class StreamDBError extends Error {
  override readonly name = 'StreamDBError'
  readonly code: StreamDBErrorCode
  /** The URL of the documentation of the code: meaning, cause and remedy. Printed with the stack. */
  readonly help: string
  /** The HTTP status, where a server's answer is at fault. */
  readonly status?: number
  /** What the server said: its JSON, or its text; at most 64 kB of it. */
  readonly body?: unknown
  /** Of a write that was refused: why, where the server says it by a code. */
  readonly reason?: WriteRefusal
  /** Of a write that was rolled back with another one, which it was built upon: that one's transaction id. */
  readonly dependsOn?: string

  constructor(code: StreamDBErrorCode, message: string, options: StreamDBErrorOptions = {}) {
    const { status, body, dependsOn, reason, ...rest } = options
    super(message, rest)
    this.code = code
    this.help = errorHelp(this, code)
    if (status !== undefined) this.status = status
    if (body !== undefined) this.body = body
    if (reason !== undefined) this.reason = reason
    if (dependsOn !== undefined) this.dependsOn = dependsOn
  }
}

/** Returns `error` as a `StreamDBError`: itself, or wrapped with `code` and kept as the cause. */
export function toStreamDBError(error: unknown, code: StreamDBErrorCode, what: string): StreamDBError {
  if (error instanceof StreamDBError) return error
  const why = error instanceof Error ? error.message : String(error)
  return new StreamDBError(code, `${what}: ${why}`, { cause: error })
}

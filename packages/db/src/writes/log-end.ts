import type { DurableStream } from '@durable-streams/client'
import { hedge, isBefore, StreamDBError, UnconfirmedWrites } from '@streamdb/log'
import type { BatchSource } from '@streamdb/log'
import type { OffsetWaiters } from './offset-waiters.ts'

/** What it takes to tell where the log ends. */
export interface LogEndOptions {
  readonly stream: Pick<DurableStream, 'head' | 'url'>
  readonly source: Pick<BatchSource, 'verify'>
  readonly waiters: OffsetWaiters
  /** Reads once more where the database is not live, or not started. */
  readonly readOn: () => void
}

/** When a connection is doubted that does not bring what the log holds, in milliseconds. */
const doubts = { first: 250, longest: 1_000 }

/** The end of the log, as the server has it now, and at least as far as it has acknowledged writes. */
export class LogEnd {
  readonly #options: LogEndOptions
  readonly #unconfirmed: UnconfirmedWrites<object>
  // A server that lags behind its leader says that the log ends before what was stored (SPEC CH2).
  #acknowledged: string | undefined

  constructor(options: LogEndOptions) {
    this.#options = options
    this.#unconfirmed = new UnconfirmedWrites(options.source, doubts)
  }

  /** Reads once more where the database is not live, or not started. */
  readOn(): void {
    this.#options.readOn()
  }

  /** Takes note of where the log ended behind a stored write. */
  noteStored(offset: string | undefined): void {
    if (offset === undefined) return
    if (this.#acknowledged === undefined || isBefore(this.#acknowledged, offset)) this.#acknowledged = offset
  }

  /** The log is read from its beginning again: it may be another one, and shorter. */
  forget(): void {
    this.#acknowledged = undefined
  }

  /**
   * Resolves when everything is visible that the log holds by now: what was written before the call is part of it.
   *
   * Rejects with `stream-failed` where the server does not say where the log ends, and with what the request failed.
   */
  async waitUntilVisible(signal: AbortSignal): Promise<void> {
    this.readOn()
    const found = await this.#find(signal)
    const acknowledged = this.#acknowledged
    const end = acknowledged !== undefined && isBefore(found, acknowledged) ? acknowledged : found
    const wait = {}
    const stop = (): void => this.#unconfirmed.delete(wait)
    this.#unconfirmed.add(wait)
    signal.addEventListener('abort', stop)
    // Never, where the signal aborts.
    await this.#options.waiters.waitFor(end, signal)
    stop()
    signal.removeEventListener('abort', stop)
  }

  async #find(signal: AbortSignal): Promise<string> {
    const { stream } = this.#options
    const found = await hedge((each) => stream.head({ signal: each }), signal)
    if (found.exists && found.offset !== undefined) return found.offset
    const what = found.exists
      ? `The answer to HEAD ${stream.url} has no Stream-Next-Offset header`
      : `There is no stream at ${stream.url}`
    throw new StreamDBError('stream-failed', `${what}: it cannot be told whether a write was read`)
  }
}

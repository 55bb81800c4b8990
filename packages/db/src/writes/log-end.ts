import type { DurableStream } from '@durable-streams/client'
import { StreamDBError } from '@streamdb/log'
import type { OffsetWaiters } from './offset-waiters.ts'

/** The end of the log, as the server has it now. */
export class LogEnd {
  readonly #stream: Pick<DurableStream, 'head' | 'url'>
  readonly #waiters: OffsetWaiters
  /** Reads once more where the database is not live, or not started. */
  readonly readOn: () => void

  constructor(stream: Pick<DurableStream, 'head' | 'url'>, waiters: OffsetWaiters, readOn: () => void) {
    this.#stream = stream
    this.#waiters = waiters
    this.readOn = readOn
  }

  /**
   * Resolves when everything is visible that the log holds by now: what was written before the call is part of it.
   *
   * Rejects with `stream-failed` where the server does not say where the log ends, and with what the request failed.
   */
  async waitUntilVisible(signal: AbortSignal): Promise<void> {
    this.readOn()
    await this.#waiters.waitFor(await this.#find(signal), signal)
  }

  async #find(signal: AbortSignal): Promise<string> {
    const found = await this.#stream.head({ signal })
    if (found.exists && found.offset !== undefined) return found.offset
    const what = found.exists
      ? `The answer to HEAD ${this.#stream.url} has no Stream-Next-Offset header`
      : `There is no stream at ${this.#stream.url}`
    throw new StreamDBError('stream-failed', `${what}: it cannot be told whether a write was read`)
  }
}

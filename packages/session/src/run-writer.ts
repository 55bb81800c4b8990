import { deferred } from '@streamdb/log'
import type { Deferred, MessageSender, SendResult } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'
import { SessionError } from './errors.ts'
import { toJson } from './to-json.ts'

/** Whose writes these are: a run, and the epoch under which this process holds it. */
export interface RunProducer {
  readonly run: string
  readonly epoch: number
}

interface Group extends Deferred<{ readonly isDuplicate: boolean }> {
  /** Each event as JSON. */
  readonly texts: readonly string[]
}

/** A server may refuse large bodies; what is written at once goes in bodies of about this size, in characters. */
const bodySize = 256 * 1024

/**
 * Writes the rows of a run, in order, under the epoch of its holder. A process with a newer epoch fences this one: from
 * then on every write rejects with `lease-lost` (SPEC A9).
 *
 * While an append is under way, what is written gathers and goes together in the next.
 */
export class RunWriter {
  readonly #sender: MessageSender
  readonly #producer: RunProducer
  readonly #lost = new AbortController()
  #seq = 0
  #queue: Group[] = []
  #sending: Promise<void> | undefined

  constructor(sender: MessageSender, producer: RunProducer) {
    this.#sender = sender
    this.#producer = producer
  }

  /** Aborts, with the error, when the lease is lost. */
  get signal(): AbortSignal {
    return this.#lost.signal
  }

  /** Whether an append is under way. */
  get isSending(): boolean {
    return this.#sending !== undefined
  }

  /**
   * Stores events in one append, all or none. `isDuplicate`: the server had a message of this epoch and sequence already.
   * Throws `invalid-options`, at once, for a row that is no JSON.
   */
  append(events: readonly ChangeEvent[]): Promise<{ readonly isDuplicate: boolean }> {
    const group: Group = { texts: events.map(toText), ...deferred<{ readonly isDuplicate: boolean }>() }
    if (this.#lost.signal.aborted) group.reject(this.#lost.signal.reason)
    else {
      this.#queue.push(group)
      this.#sending ??= this.#sendAll()
    }
    return group.promise
  }

  /** Resolves when everything that was written is answered. */
  async flushed(): Promise<void> {
    await this.#sending
  }

  /** Ends writing: what is not stored rejects with `error`. */
  stop(error: SessionError): void {
    if (this.#lost.signal.aborted) return
    this.#lost.abort(error)
    for (const group of this.#queue.splice(0)) group.reject(error)
  }

  async #sendAll(): Promise<void> {
    // What is written in one go is sent together.
    await Promise.resolve()
    while (this.#queue.length > 0 && !this.#lost.signal.aborted) await this.#sendGroups()
    this.#sending = undefined
  }

  async #sendGroups(): Promise<void> {
    const { run, epoch } = this.#producer
    const groups = this.#take()
    const body = `[${groups.flatMap(({ texts }) => texts).join(',')}]`
    let result: SendResult
    try {
      result = await this.#sender.send(
        {
          producer: { id: `run/${encodeURIComponent(run)}`, epoch, seq: this.#seq },
          body,
          isStored: () => false,
          onRetry: () => undefined,
          onWaiting: () => undefined,
        },
        this.#lost.signal,
      )
    } catch (error) {
      const reason: unknown = this.#lost.signal.aborted ? this.#lost.signal.reason : error
      for (const group of groups) group.reject(reason)
      return
    }
    switch (result.type) {
      case 'stored': {
        this.#seq++
        // A duplicate is answered without an offset.
        const isDuplicate = result.offset === undefined
        for (const group of groups) group.resolve({ isDuplicate })
        return
      }
      case 'refused':
        // Nothing is stored, and the sequence goes on: the next message may be another matter.
        for (const group of groups) group.reject(result.error)
        return
      case 'producer-unknown':
      case 'unknown': {
        const message = `The run ${run} is no longer held here (epoch ${epoch}): ${result.error.message}`
        const error = new SessionError('lease-lost', message, { cause: result.error })
        for (const group of groups) group.reject(error)
        this.stop(error)
      }
    }
  }

  #take(): Group[] {
    const taken: Group[] = []
    let size = 0
    for (;;) {
      const group = this.#queue[0]
      if (group === undefined) return taken
      for (const text of group.texts) size += text.length
      if (taken.length > 0 && size > bodySize) return taken
      this.#queue.shift()
      taken.push(group)
    }
  }
}

/** What cannot be written is refused where it is given: in the queue it would hold up what is behind it. */
function toText(event: ChangeEvent): string {
  return toJson(event, `The ${event.type} "${event.key}"`)
}

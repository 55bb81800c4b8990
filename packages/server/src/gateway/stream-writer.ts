import { delay, StreamDBError } from '@streamdb/log'
import type { ActionCall } from '../actions/action-call.ts'
import type { CallResult } from '../actions/call-result.ts'
import { runCall } from '../actions/run-call.ts'
import type { StreamLocation } from '../stream-client.ts'
import { appendUpstream, unreachable } from './append-upstream.ts'
import type { Appended } from './append-upstream.ts'
import { decide } from './decide.ts'
import type { Decided, Rules } from './decide.ts'
import type { EventRules } from './parse-events.ts'
import { producerHeaders } from './producer.ts'
import { Refusal } from './refusal.ts'
import type { StreamLog } from './stream-log.ts'
import type { Principal } from './principal.ts'
import type { WriteRequest } from './write-request.ts'

/** What writing to one stream works with. */
export interface StreamWriterOptions<User extends Principal> {
  readonly location: StreamLocation
  readonly log: StreamLog
  readonly rules: Rules<User>
  /** What is valid of what an action writes. */
  readonly eventRules: EventRules
  /** How many requests may wait at most. */
  readonly queued: number
  /** How long the stream server, and how long the rules may take, in milliseconds. */
  readonly timeout: number
  /** Keep log order with other gateways by `Stream-Seq`. */
  readonly coordinate: boolean
  /** Called with errors that no writer caused. */
  readonly report: (error: unknown) => void
  /** Ends everything. */
  readonly signal: AbortSignal
}

/** What a request to write came to: it is stored, with the headers of the answer and what a call returned; or its refusal. */
export type Written =
  | { readonly type: 'stored'; readonly headers: Headers; readonly result?: CallResult | undefined }
  | { readonly type: 'refused'; readonly refusal: Refusal }

/** How often a request is decided about again, as another gateway was first. */
const mostConflicts = 20
/** How often the stream server may say so, and the log not move, before it is believed that it will not. */
const mostUnmoved = 3
/** How many requests are decided about before the log is read again. */
const mostUnread = 64

interface Job<User extends Principal> {
  readonly request: WriteRequest<User>
  readonly resolve: (written: Written) => void
}

/** Writes to one stream, one request after the other: each is decided about on the rows that all before it leave. */
export class StreamWriter<User extends Principal> {
  readonly #options: StreamWriterOptions<User>
  #queue: Job<User>[] = []
  #isWorking = false

  constructor(options: StreamWriterOptions<User>) {
    this.#options = options
  }

  /** Nothing waits, and nothing is under way. */
  get isIdle(): boolean {
    return !this.#isWorking
  }

  /** Decides about a request in its turn, and appends it. Never rejects. */
  write(request: WriteRequest<User>): Promise<Written> {
    if (this.#queue.length >= this.#options.queued) {
      const message = 'Too many writes to this stream wait already.'
      const refusal = new Refusal({ status: 503, code: 'busy', message, headers: { 'retry-after': '1' } })
      return Promise.resolve({ type: 'refused', refusal })
    }
    return new Promise((resolve) => {
      this.#queue.push({ request, resolve })
      if (!this.#isWorking) void this.#work()
    })
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    while (this.#queue.length > 0) {
      const jobs = this.#queue.splice(0, mostUnread)
      await this.#do(jobs)
    }
    this.#isWorking = false
  }

  /** Reads the log, and then writes: what came meanwhile from elsewhere is decided upon. */
  async #do(jobs: readonly Job<User>[]): Promise<void> {
    const { log, signal } = this.#options
    let failure = await this.#read()
    for (const { request, resolve } of jobs) {
      // The client has disconnected.
      if (request.signal.aborted || signal.aborted) {
        resolve({ type: 'refused', refusal: unreachable() })
        continue
      }
      if (failure === undefined && log.end === undefined) failure = await this.#read()
      resolve(failure === undefined ? await this.#write(request) : { type: 'refused', refusal: failure })
    }
  }

  async #write(request: WriteRequest<User>): Promise<Written> {
    const { log, signal, report } = this.#options
    let unmoved = 0
    for (let attempt = 1; attempt <= mostConflicts && unmoved < mostUnmoved; attempt++) {
      const { end } = log
      const decided = await this.#decide(request)
      if (decided.type === 'refused') return decided
      // No offset: nothing of it is in the log.
      const { result } = decided
      if (decided.type === 'nothing')
        return { type: 'stored', headers: new Headers({ 'producer-seq': '0' }), result }
      if (decided.type === 'stored')
        return { type: 'stored', headers: storedHeaders(request, log.end), result }
      const appended = await this.#append(request, decided)
      if (appended.type === 'stored') {
        this.#take(request, decided, appended.end)
        return { type: 'stored', headers: appended.headers, result }
      }
      if (appended.type !== 'moved') {
        // It may be in the log by now, or the log may be another one.
        log.forgetEnd()
        if (appended.refusal.code === 'upstream-refused') report(appended.refusal)
        return { type: 'refused', refusal: appended.refusal }
      }
      // Not all at once again.
      if (attempt > 2) await delay(Math.random() * 5 * attempt, signal)
      const failure = await this.#read()
      if (failure !== undefined) return { type: 'refused', refusal: failure }
      if (log.end === end) unmoved++
    }
    const message = 'Other writers were first, again and again.'
    if (unmoved < mostUnmoved) {
      const refusal = new Refusal({ status: 503, code: 'busy', message, headers: { 'retry-after': '1' } })
      return { type: 'refused', refusal }
    }
    const what = 'The stream server answers 409, and nothing was appended meanwhile'
    const why =
      'Is the stream one of JSON? Does something else write to it with Stream-Seq (then set coordinate: false)?'
    report(new StreamDBError('write-failed', `${what}: ${request.stream}. ${why}`))
    const refused = 'The stream server refused the write: 409.'
    return {
      type: 'refused',
      refusal: new Refusal({ status: 502, code: 'upstream-refused', message: refused }),
    }
  }

  async #decide(request: WriteRequest<User>): Promise<Decided> {
    const { log, rules, timeout, report } = this.#options
    let endTimeout: (() => void) | undefined
    const late = new Promise<Decided>((resolve) => {
      const timer = setTimeout(() => {
        const what = request.call === undefined ? 'authorize' : `The action "${request.call.action.name}"`
        report(new StreamDBError('callback-failed', `${what} did not settle within ${timeout} ms`))
        const message = 'The server could not decide in time.'
        resolve({ type: 'refused', refusal: new Refusal({ status: 503, code: 'undecided', message }) })
      }, timeout)
      endTimeout = () => clearTimeout(timer)
    })
    try {
      const deciding =
        request.call === undefined ? decide(request, log, rules) : this.#call(request, request.call)
      return await Promise.race([deciding, late])
    } catch (error) {
      report(error)
      const message = 'The server could not decide about the write.'
      return { type: 'refused', refusal: new Refusal({ status: 500, code: 'undecided', message }) }
    } finally {
      endTimeout?.()
    }
  }

  #call({ user, stream }: WriteRequest<User>, call: ActionCall<User>): Promise<Decided> {
    const { log, rules, eventRules, report } = this.#options
    return runCall({ call, user, stream }, { log, rules, eventRules, report })
  }

  #append(
    { user, producer, closes }: WriteRequest<User>,
    { events }: Decided & { type: 'append' },
  ): Promise<Appended> {
    const { location, log, timeout, signal, coordinate } = this.#options
    return appendUpstream(location, {
      body: events.length === 0 ? undefined : `[${events.map((event) => JSON.stringify(event)).join(',')}]`,
      headers: {
        'content-type': 'application/json',
        ...(producer && producerHeaders(producer, user.id)),
        ...(closes && { 'Stream-Closed': 'true' }),
        // A server refuses one that is not behind the last: of two gateways at the same end, one writes.
        ...(coordinate && events.length > 0 && log.end !== undefined && { 'Stream-Seq': log.end }),
      },
      ...{ timeout, signal },
    })
  }

  /** What was appended counts for the next request. */
  #take(
    { user }: WriteRequest<User>,
    { rows, changes, result }: Decided & { type: 'append' },
    end: string | undefined,
  ): void {
    const { log } = this.#options
    if (end === undefined || rows.hasControls) return log.forgetEnd()
    const written = changes.flatMap(({ txid, identity }, index) =>
      txid === undefined
        ? []
        : [
            {
              txid,
              principal: user.id,
              identity,
              ...(index === changes.length - 1 && { result: result?.json }),
            },
          ],
    )
    log.append(rows, end, written)
  }

  async #read(): Promise<Refusal | undefined> {
    const { log, signal, report } = this.#options
    try {
      await log.catchUp(signal)
      return undefined
    } catch (error) {
      if (signal.aborted) return unreachable()
      return toReadRefusal(error, report)
    }
  }
}

/** What the answer to a repeated request says. */
function storedHeaders({ producer }: Pick<WriteRequest, 'producer'>, end: string | undefined): Headers {
  const headers = new Headers()
  if (end !== undefined) headers.set('Stream-Next-Offset', end)
  if (producer !== undefined) {
    headers.set('Producer-Epoch', String(producer.epoch))
    headers.set('Producer-Seq', String(producer.seq))
  }
  return headers
}

function toReadRefusal(error: unknown, report: (error: unknown) => void): Refusal {
  const { code } = Object(error) as { code?: unknown } // a StreamDBError, most likely
  if (code === 'stream-not-found') {
    return new Refusal({ status: 404, code: 'stream-not-found', message: 'There is no such stream.' })
  }
  report(error)
  if (code === 'unreachable') return unreachable()
  return new Refusal({ status: 502, code: 'upstream-failed', message: 'The stream could not be read.' })
}

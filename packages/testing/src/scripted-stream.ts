import { failWith, strikesOf } from './scripted-faults.ts'
import type { ScriptedFault } from './scripted-faults.ts'
import { indexOf, offsetOf, ScriptedLog } from './scripted-log.ts'
import { readPage, readLive } from './scripted-reads.ts'
import { ScriptedWrites } from './scripted-writes.ts'
import type { ScriptedWrite } from './scripted-writes.ts'

/**
 * A step of a script: the events of a page; a page behind which more follows, so that the reader is not up to date; or what
 * goes wrong with the next request at this place of the log.
 */
export type ScriptStep =
  | readonly unknown[]
  | { readonly page: readonly unknown[]; readonly more?: boolean | undefined }
  | ScriptedFault

/** A request as the scripted stream received it. */
export interface ScriptedRequest {
  readonly method: string
  /** The query's `offset`; undefined where it has none. */
  readonly offset: string | undefined
  /** How the reader wants to wait: `sse`, `long-poll`, or undefined for a page. */
  readonly live: string | undefined
  readonly headers: Headers
}

/** A stream that a test scripts, behind a `fetch`: no server, no port, and no timer. */
export interface ScriptedStream {
  /** A URL of its own; only `fetch` knows it. */
  readonly url: string
  /** Bound. */
  readonly fetch: typeof fetch
  /** `{ url, fetch }`, for `createStreamDB`. */
  readonly streamOptions: { readonly url: string; readonly fetch: typeof fetch }
  /** Everything that the log holds, what was written to it too. */
  readonly events: readonly unknown[]
  /** The offset of its end. */
  readonly offset: string
  /** Every request, in order. */
  readonly requests: readonly ScriptedRequest[]
  /** How many live reads are open. */
  readonly connections: number
  /**
   * Appends one batch, which live readers get at once; returns the offset behind it. With `more` they are not up to date
   * behind it: the rest, of a transaction say, is another `send`.
   */
  send(events: unknown, options?: { readonly more?: boolean | undefined }): string
  /** Lets something go wrong with the next request; with `of`, with the next one that reads or that writes. */
  fault(fault: ScriptedFault, rule?: { readonly of?: 'reads' | 'writes' | undefined }): void
  /** Breaks off the live reads that are open; returns how many. */
  cut(): number
  /** Breaks off live reads, and rejects every request until `online()`. */
  offline(): void
  online(): void
  /** Closes the stream: readers see its end. */
  end(): void
  /** What was appended to it by clients, in order, those that wait or were refused too. */
  readonly writes: readonly ScriptedWrite[]
  /** Lets appends wait from now on: they are neither stored nor answered. */
  holdWrites(): void
  /** Stores the appends that wait, in order, and those to come at once. */
  releaseWrites(): void
  /** Stores the next append, and lets its answer be lost. */
  loseAnswer(): void
}

let count = 0

/**
 * Creates a stream from a script: its pages in order, and what goes wrong between them. Then it is live, and `send` says what
 * comes. It works in every runtime and with fake timers, as nothing of it waits for a clock.
 *
 * @example
 * ```ts
 * const ada = state.users.insert({ value: { id: '1', name: 'Ada' } })
 * const stream = scriptedStream([{ status: 503 }, [ada]])
 * const db = createStreamDB({ streamOptions: stream.streamOptions, state })
 * await db.preload() // once more after the 503
 * stream.send(state.users.delete({ key: '1' }))
 * db.close()
 * ```
 */
export function scriptedStream(script: readonly ScriptStep[] = []): ScriptedStream {
  // An origin of its own: what a client learns of one, such as whether SSE gets through, is not for the next test.
  const url = `http://scripted-${++count}.test/stream`
  const log = new ScriptedLog()
  const writes = new ScriptedWrites(log)
  const requests: ScriptedRequest[] = []
  const atPlace = new Map<number, ScriptedFault[]>()
  const next: { readonly fault: ScriptedFault; readonly method: string | undefined }[] = []
  const open = new Set<(error: TypeError) => void>()
  let isOffline = false

  for (const step of script) {
    if (isFault(step)) {
      const faults = atPlace.get(log.length) ?? []
      atPlace.set(log.length, [...faults, ...strikesOf(step)])
    } else {
      const page = 'page' in step ? step : { page: step }
      log.push({ items: page.page, more: page.more === true })
    }
  }
  function cut(): number {
    const cuts = [...open]
    for (const fail of cuts) fail(new TypeError('terminated: the scripted connection was cut'))
    return cuts.length
  }

  function takeFault(method: string, index: number): ScriptedFault | undefined {
    const at = next.findIndex((one) => one.method === undefined || one.method === method)
    if (at !== -1) return next.splice(at, 1)[0]?.fault
    return method === 'GET' ? atPlace.get(index)?.shift() : undefined
  }

  async function answer(input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> {
    const request = input instanceof Request ? input : undefined
    const { searchParams } = new URL(input instanceof Request ? input.url : input)
    const method = init.method ?? request?.method ?? 'GET'
    const signal = init.signal ?? request?.signal ?? new AbortController().signal
    const [offset, live] = [searchParams.get('offset'), searchParams.get('live')]
    const headers = new Headers(init.headers ?? request?.headers)
    requests.push({ method, offset: offset ?? undefined, live: live ?? undefined, headers })
    signal.throwIfAborted()
    if (isOffline) return failWith({ unreachable: true })
    const fault = takeFault(method, indexOf(offset))
    if (fault !== undefined) return failWith(fault)
    if (method === 'POST') {
      const body = await new Response(init.body ?? request?.body ?? null).text()
      return writes.take(body, headers, signal)
    }
    if (method === 'GET') {
      const read = { log, index: indexOf(offset), signal, open }
      return live === null ? readPage(read) : readLive(read, live)
    }
    const head = { 'stream-next-offset': offsetOf(log.length), 'content-type': 'application/json' }
    return new Response(null, { status: method === 'PUT' ? 201 : 200, headers: head })
  }

  return {
    url,
    fetch: answer,
    streamOptions: { url, fetch: answer },
    get events() {
      return log.items
    },
    get offset() {
      return offsetOf(log.length)
    },
    requests,
    get connections() {
      return open.size
    },
    send(events, { more = false } = {}) {
      log.push({ items: Array.isArray(events) ? events : [events], more })
      return offsetOf(log.length)
    },
    fault(fault, { of } = {}) {
      const method = of && { reads: 'GET', writes: 'POST' }[of]
      next.push(...strikesOf(fault).map((one) => ({ fault: one, method })))
    },
    cut,
    offline() {
      isOffline = true
      cut()
    },
    online: () => void (isOffline = false),
    end: () => log.close(),
    writes: writes.all,
    holdWrites: () => writes.hold(),
    releaseWrites: () => writes.release(),
    loseAnswer: () => writes.loseAnswer(),
  }
}

function isFault(step: ScriptStep): step is ScriptedFault {
  return !Array.isArray(step) && !('page' in step)
}

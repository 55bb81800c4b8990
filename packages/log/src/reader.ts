import type { JsonBatch, LiveMode } from '@durable-streams/client'
import { StreamDBError } from './errors.ts'
import { backoff } from './backoff.ts'
import type { ReaderTimes } from './backoff.ts'
import { delay, withTimeout } from './timeout.ts'
import type { Batch, BatchSink, BatchSource, ConnectionEvent, RestartReason } from './batch-source.ts'
import { JsonItems } from './json-array-parser.ts'
import { isBefore, start } from './offsets.ts'
import { bodyLength, classify, statusOf } from './http.ts'
import type { Open } from './http.ts'

/** What the reader works with. */
export interface ReaderOptions {
  readonly open: Open
  readonly url: string
  readonly live: LiveMode
  readonly times: ReaderTimes
  /** What to do where there is no stream. */
  readonly onMissing: 'fail' | 'wait' | 'create'
  readonly create: (signal: AbortSignal) => Promise<unknown>
}

/** What a response says of the log: there is more, it is all, it is all for ever, or reading goes on elsewhere. */
type Reached = 'more' | 'up-to-date' | 'end' | 'elsewhere'

/** A response, or a part of one, as it is to be taken in. */
type Answer = Pick<Batch, 'items' | 'first' | 'offset' | 'complete' | 'cursor'> &
  Pick<JsonBatch, 'upToDate' | 'streamClosed'>

/**
 * Reads a stream: pages until it has caught up, then one live connection after another.
 *
 * The reader owns its position, which moves only after a batch was taken in, and its retries; any break ends in
 * going on from there (DESIGN L3, L4).
 */
export function createReader(options: ReaderOptions): BatchSource {
  const { open, url, live, times, onMissing, create } = options
  let sink: BatchSink = noSink
  let position = start
  let cursor: string | undefined
  // Of pages that were read to their end, and of the one that is being read.
  let bytes = 0
  let size = 0
  let of: number | undefined
  // What was taken in at this position of a response that has not ended: its first item, and how many items it was.
  let part: { readonly head: string; readonly count: number } | undefined
  let sse = live !== 'long-poll'
  let running: AbortController | undefined
  // How often reading was sent back to the start.
  let rewinds = 0
  let wake: (() => void) | undefined

  function finish(event: ConnectionEvent): void {
    // Before the status says so: whoever hears it may start again at once.
    running = undefined
    sink.onConnection(event)
  }

  // Never rejects: whatever happens ends as a status.
  async function run(signal: AbortSignal): Promise<void> {
    let attempt = 0
    let fruitless = 0
    let caughtUp = false
    while (!signal.aborted) {
      const from = position
      const began = Date.now()
      try {
        const reached: Reached = caughtUp && sse ? await follow(signal) : await page(signal, caughtUp)
        await sink.ready()
        if (signal.aborted) return
        if (reached === 'end') return finish({ type: 'end', reason: 'stream-closed' })
        if (reached === 'up-to-date' && live === false) return finish({ type: 'end', reason: 'not-live' })
        // Pages that bring nothing new between live requests that fail do not make these first ones.
        if (caughtUp || position !== from) attempt = 0
        if (caughtUp) {
          // A server that answers live requests at once, with nothing, is not to be asked in a loop.
          fruitless = position === from && Date.now() - began < 100 ? fruitless + 1 : 0
          if (fruitless > 2 && live === true) sse = false
          if (fruitless > 0) await pause(Math.min(1000, 25 * 2 ** fruitless), signal)
        }
        caughtUp = reached === 'up-to-date'
      } catch (error) {
        if (signal.aborted) return
        if (position !== from) attempt = fruitless = 0
        else if (caughtUp && ++fruitless > 2 && live === true) sse = false
        caughtUp = false
        attempt++
        if (!(await survive(error, attempt, signal))) return
      }
    }
  }

  /** Waits out what may pass; says `false` where it does not. */
  async function survive(thrown: unknown, attempt: number, signal: AbortSignal): Promise<boolean> {
    const { error, retryAfter = 0 } = classify(thrown, `${url} at offset ${position}`)
    const status = statusOf(thrown)
    const refused = error.code === 'unauthorized'
    const missing = status === 404 && onMissing !== 'fail'
    // What we stood on is gone; what is kept, or made anew, begins anew (FAULTS F-net-5).
    const gone = position !== start && (missing || status === 410)
    // And so is what there is of a response that broke off.
    if (gone || (part !== undefined && (status === 404 || status === 410))) rewind('stream-gone')
    const passing = missing || gone || refused || error.code === 'unreachable'
    if (!passing || attempt > times.maxRetries) {
      finish({ type: 'fail', error })
      return false
    }
    if (missing && onMissing === 'create') {
      const created = await create(signal).then(
        () => true,
        () => false,
      )
      // Not again and again at once, where what was created is not found.
      if (created && attempt === 1) return true
    }
    const ms = Math.max(retryAfter, backoff(times, attempt))
    const now = Date.now()
    const nextTry = now + ms
    sink.onConnection(
      refused ? { type: 'refuse', nextTry, error } : { type: 'break', attempt, now, nextTry, error },
    )
    await pause(ms, signal)
    return true
  }

  /** Reads one response whole: a page of what is there or, `waiting`, a long-poll. */
  async function page(signal: AbortSignal, waiting: boolean): Promise<Reached> {
    const from = position
    const request = { offset: from, live: waiting ? 'long-poll' : undefined, cursor } as const
    return withTimeout<Reached>(
      signal,
      waiting ? times.idleTimeout : times.connectTimeout,
      async (attempt, alive) => {
        const { response, body } = await open({ ...request, signal: attempt })
        // Whoever reads the body sees its errors.
        response.closed.catch(() => undefined)
        const { offset, upToDate, streamClosed, cursor } = response
        const answer = { offset, upToDate, streamClosed, cursor }
        const assertOffset = (items: readonly unknown[]): void => {
          if (offset !== from || (items.length === 0 && (upToDate || streamClosed))) return
          const what = `Reading ${url} failed: the server does not say where reading goes on after offset ${from}`
          // A stale copy of the answer before this one says just that: another try may get past it.
          if (response.headers.has('stream-next-offset')) throw new StreamDBError('unreachable', what)
          throw new StreamDBError('stream-failed', `${what} (no Stream-Next-Offset header)`)
        }
        const length = upToDate ? bodyLength(response.headers, url) : undefined
        of = length && bytes + length
        size = 0
        const parser = new JsonItems()
        let first = 0
        for await (const chunk of body()) {
          if (attempt.aborted) return 'more'
          alive(times.idleTimeout)
          size += chunk.byteLength
          const items = parser.push(chunk)
          if (items.length === 0) continue
          assertOffset(items)
          if (take({ ...answer, items, first, complete: false }) === 'elsewhere') {
            // The client would go on to wait for whoever reads what is left.
            response.cancel()
            return 'elsewhere'
          }
          first += items.length
          await sink.ready()
        }
        if (attempt.aborted) return 'more'
        // A body that was cut before its first byte is no empty page: only a 204 has none.
        const items = response.status === 204 ? [] : parser.finish()
        assertOffset(items)
        return take({ ...answer, items, first, complete: true })
      },
    )
  }

  /** Reads one SSE connection to its end. What it did not deliver is read by page. */
  async function follow(signal: AbortSignal): Promise<Reached> {
    return withTimeout<Reached>(signal, times.connectTimeout, async (attempt, alive) => {
      const { response } = await open({ offset: position, live: 'sse', cursor, signal: attempt })
      alive(times.idleTimeout)
      let reached = 'more' as Reached // as the callback below changes it
      let isOver = false
      let thrown: unknown
      const unsubscribe = response.subscribeJson((batch) => {
        if (isOver || attempt.aborted) return
        alive(times.idleTimeout)
        const moved = batch.offset !== position
        // The connection broke between data and the control event that says where they end: they will come again.
        if (!moved && batch.items.length > 0) return
        try {
          // An offset that moved on without its data, as a server may say that appends meanwhile: pages have them.
          if (!moved || batch.items.length > 0) reached = take({ ...batch, first: 0, complete: true })
        } catch (error) {
          // Not for the client to make sense of.
          thrown = error
        }
        isOver = thrown !== undefined || position !== batch.offset
        if (isOver) unsubscribe()
      })
      await response.closed
      // What the client delivers yet is read by page; and the connection may be open, where the client only paused.
      isOver = true
      unsubscribe()
      // As it was thrown: a StreamDBError, or the fault of a program.
      if (thrown !== undefined) throw thrown as Error
      return reached === 'end' ? reached : 'more'
    })
  }

  function take(answer: Answer): Reached {
    const { items, first, offset, complete, streamClosed } = answer
    const from = position
    if (isBefore(offset, from)) {
      // A stale copy of an earlier answer: another try may get past it.
      if (items.length > 0)
        throw new StreamDBError('unreachable', `${url} answered offset ${from} with what lies before it`)
      // Restored shorter, or made anew, under us (FAULTS F-net-5).
      rewind('stream-replaced')
      return 'elsewhere'
    }
    if (isAnother(answer)) {
      rewind('stream-replaced')
      return 'elsewhere'
    }
    const closed = complete && streamClosed
    const upToDate = complete && (answer.upToDate || closed)
    cursor = answer.cursor
    const read = rewinds
    const after = sink.onBatch({
      items,
      first,
      from,
      offset,
      complete,
      upToDate,
      closed,
      cursor,
      bytes: bytes + size,
      totalBytes: of,
    })
    const elsewhere = after.type === 'seek' ? after.offset : undefined
    // Whoever heard of the batch may have sent us back to the start: then that is where we are.
    if (read !== rewinds) return 'elsewhere'
    if (elsewhere !== undefined || complete) leave(elsewhere ?? offset)
    else part ??= { head: JSON.stringify(items[0]), count: 0 }
    if (elsewhere !== undefined) return 'elsewhere'
    if (part) part = { ...part, count: Math.max(part.count, first + items.length) }
    if (!upToDate) return 'more'
    return closed ? 'end' : 'up-to-date'
  }

  /** Whether a response is not the one of which a part was taken in: another stream, or less of it. */
  function isAnother({ items, first, complete }: Answer): boolean {
    if (part === undefined) return false
    if (complete && first + items.length < part.count) return true
    return first === 0 && JSON.stringify(items[0]) !== part.head
  }

  function leave(to: string): void {
    position = to
    part = undefined
    bytes += size
    size = 0
  }

  function rewind(why: RestartReason): void {
    rewinds++
    leave(start)
    cursor = undefined
    sink.onRestart(why)
  }

  async function pause(ms: number, signal: AbortSignal): Promise<void> {
    await delay(ms, signal, new Promise<void>((resolve) => (wake = resolve)))
    wake = undefined
  }

  const reader: BatchSource = {
    start(from, given) {
      if (running !== undefined) return
      sink = given
      if (from !== undefined && from.offset !== position) {
        leave(from.offset)
        cursor = undefined
      }
      const own = (running = new AbortController())
      sink.onConnection({ type: 'start' })
      // Whoever heard of it may have stopped us.
      if (!own.signal.aborted) void run(own.signal)
    },
    stop() {
      running?.abort()
      running = undefined
    },
    restart(reason) {
      reader.stop()
      rewind(reason)
      if (sink !== noSink) reader.start(undefined, sink)
    },
    retryNow() {
      wake?.()
    },
    verify() {
      wake?.()
    },
  }
  return reader
}

const noSink: BatchSink = {
  onBatch: () => ({ type: 'continue' }),
  onRestart: () => undefined,
  onConnection: () => undefined,
  ready: () => Promise.resolve(),
}

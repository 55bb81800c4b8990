import type { ReaderTimes } from './backoff.ts'
import type { VerifyReason } from './batch-source.ts'
import { compareEnd } from './compare-end.ts'
import { StreamDBError } from './errors.ts'
import { hedge } from './hedge.ts'
import type { Requests } from './requests.ts'
import { HttpError } from './http-error.ts'
import type { LogCursor, Outcome } from './log-cursor.ts'
import { judge } from './position.ts'
import { SinkError, WentBackError } from './read-failure.ts'
import { readLive, SseUnsupported } from './read-live.ts'
import type { Next } from './read-live.ts'
import type { ReadModes } from './read-modes.ts'
import type { Rhythm } from './rhythm.ts'
import { readPage } from './read-page.ts'
import type { LiveBatch } from './sse-events.ts'
import { delay, withTimeout } from './timeout.ts'
import { watchLive } from './watch-live.ts'
import type { Doubt, LiveWatch } from './watch-live.ts'

/** How long a connection may take to deliver what a page already has, in milliseconds. */
const DELIVERY_GRACE = 200
/** How soon an SSE connection that has delivered nothing is doubted: servers say at once where they are. */
const FIRST_PROBE = 2_000
/** How long a probe may take. */
const PROBE_TIMEOUT = 10_000
/** How often the end of a silent log is asked for. */
const END_CHECK_INTERVAL = 60_000
/** What servers and proxies answer that do not speak SSE. */
const noSse = [400, 405, 406, 415, 501]

/** What a live connection works with. */
export interface LiveConnectionOptions {
  readonly requests: Requests
  readonly cursor: LogCursor
  readonly modes: ReadModes
  readonly times: ReaderTimes
  /** How often the log brings something. */
  readonly rhythm: Rhythm
  /** Resolves when the next batch may come. */
  readonly ready: () => Promise<void>
  /**
   * Given where no page was read since the connection before: tells of the first batch whether it is another stream's.
   * The connection then has to say where the log ends, before another one may follow it without a page.
   */
  readonly checkEnd?: ((batch: LiveBatch, signal: AbortSignal) => Promise<'moved' | undefined>) | undefined
  readonly maxEventSize?: number | undefined
}

/**
 * Reads one live connection, an SSE one or a long-poll, until it ends or is doubted; `onWatch` is given what makes it
 * be doubted. What it did not deliver is read by page.
 */
export async function followLive(
  mode: 'sse' | 'long-poll',
  options: LiveConnectionOptions,
  signal: AbortSignal,
  onWatch: (watch: LiveWatch) => void,
): Promise<Outcome> {
  const { modes, times, rhythm } = options
  const attempt = new AbortController()
  const onAbort = (): void => attempt.abort(signal.reason)
  signal.addEventListener('abort', onAbort)
  let doubt: Doubt | undefined
  let hasDelivered = false
  let isOpen = false
  const watch = watchLive({
    interval: times.idleTimeout,
    firstInterval: mode === 'sse' ? FIRST_PROBE : times.idleTimeout,
    rhythm,
    probe: async (reason) => {
      const found = await probe(reason, options, attempt.signal)
      // Servers send the head of an event stream at once: one that a page overtakes is held back on the way, or hangs.
      return found ?? (mode === 'long-poll' || isOpen ? undefined : { type: 'stalled' })
    },
    onDoubt: (given) => {
      doubt = given
      attempt.abort(given)
    },
  })
  onWatch(watch)
  const onActivity = (): void => {
    hasDelivered = true
    watch.noteActivity()
  }
  try {
    return mode === 'sse'
      ? await followSse({ ...options, onOpen: () => void (isOpen = true) }, attempt.signal, onActivity, watch)
      : await longPoll(options, attempt.signal, onActivity, watch)
  } catch (error) {
    if (signal.aborted || doubt === undefined) {
      if (mode !== 'sse' || signal.aborted) throw error
      return afterSseFailed(error, modes)
    }
    if (doubt.type === 'failed') throw doubt.error
    if (doubt.type === 'mode') return 'interrupted'
    // Nothing is wrong with SSE where the server did not even answer.
    if (mode === 'sse' && (hasDelivered || !isOpen)) modes.sse.failed()
    // Where no page was read before, the stream may be another one, and the connection is not to blame.
    else if (mode === 'sse' && options.checkEnd === undefined) modes.sse.block()
    return 'more'
  } finally {
    watch.stop()
    signal.removeEventListener('abort', onAbort)
    // Whatever is open of it ends here.
    attempt.abort()
  }
}

function afterSseFailed(error: unknown, { sse }: ReadModes): Outcome {
  if (error instanceof SseUnsupported) {
    sse.ruleOut()
    return 'more'
  }
  if (error instanceof SinkError || error instanceof WentBackError) throw error
  if (error instanceof HttpError && noSse.includes(error.status)) {
    sse.block()
    return 'more'
  }
  sse.failed()
  throw error
}

async function followSse(
  {
    requests,
    cursor,
    modes,
    times,
    ready,
    checkEnd,
    onOpen,
  }: LiveConnectionOptions & { readonly onOpen: () => void },
  signal: AbortSignal,
  onActivity: () => void,
  watch: LiveWatch,
): Promise<Outcome> {
  let outcome = 'more' as Outcome // as `take` changes it, which the compiler does not see
  let isKnown = checkEnd === undefined
  const take = ({ items, head }: LiveBatch): Next => {
    const hasMoved = head.offset !== cursor.position.offset
    // The connection broke between data and the control event that says where they end: they will come again.
    if (head.offset === undefined || (!hasMoved && items.length > 0)) return 'continue'
    const verdict = judge(cursor.position, head, items.length > 0)
    // An offset that moved on without its data, as a server may say that appends meanwhile: pages have them.
    if (hasMoved && items.length === 0 && verdict === 'continues') return 'stop'
    outcome = cursor.deliver({ items, head, first: 0, complete: true })
    isKnown = true
    modes.sse.worked()
    if (items.length > 0) modes.noteUse()
    return cursor.position.offset === head.offset && outcome !== 'end' ? 'continue' : 'stop'
  }
  const checkFirst =
    checkEnd &&
    (async (batch: LiveBatch): Promise<Next> => {
      watch.pause()
      const found = await checkEnd(batch, signal)
      watch.start()
      if (found !== undefined) outcome = found
      return found === undefined ? 'continue' : 'stop'
    })
  // Silence begins with the request: what hangs in a gateway is no connection either.
  watch.start()
  const ending = await withTimeout(signal, times.connectTimeout, (attempt, resetTimer) =>
    readLive(
      {
        requests,
        position: cursor.position,
        signal: attempt,
        onActivity,
        ready: async () => {
          watch.pause()
          await ready()
          watch.start()
        },
        onOpen: () => {
          onOpen()
          // From here on the watch does.
          resetTimer(Infinity)
          watch.start()
        },
        checkFirst,
      },
      take,
    ),
  )
  if (outcome === 'end' || outcome === 'moved') return outcome
  return ending === 'ended' && isKnown ? 'ended' : 'more'
}

async function longPoll(
  { requests, cursor, modes, ready, maxEventSize }: LiveConnectionOptions,
  signal: AbortSignal,
  onActivity: () => void,
  watch: LiveWatch,
): Promise<Outcome> {
  let outcome: Outcome = 'more'
  // The server answers when there is something: silence begins with the request.
  watch.start()
  await readPage(
    {
      ...{ requests, position: cursor.position, isLongPoll: true, signal, onActivity, maxEventSize },
      cutLines: cursor.cutLines,
    },
    async (part) => {
      outcome = cursor.deliver(part)
      if (part.items.length > 0) modes.noteUse()
      if (outcome === 'moved') return 'stop'
      watch.pause()
      if (!part.complete) await ready()
      watch.start()
      return 'continue'
    },
  )
  return outcome
}

/** Reads a page beside a live connection; returns why that one is to be given up, if it is. */
async function probe(
  reason: VerifyReason | 'silence',
  { requests, cursor, times, modes }: LiveConnectionOptions,
  signal: AbortSignal,
): Promise<Doubt | undefined> {
  const { position } = cursor
  if (reason === 'unconfirmed-write') modes.noteUse()
  const timeout = Math.min(times.connectTimeout, PROBE_TIMEOUT)
  const response = await withTimeout(signal, timeout, (attempt) =>
    hedge((each) => requests.read({ offset: position.offset, freshness: 'no-store', signal: each }), attempt),
  )
  response.cancel()
  const { head } = response
  const verdict = judge(position, head, false)
  const hasNews = verdict === 'continues' && (head.offset !== position.offset || head.closed)
  if (hasNews || verdict === 'went-back' || verdict === 'replaced') {
    // It may be on its way.
    await delay(DELIVERY_GRACE, signal)
    return cursor.position === position ? { type: 'stalled' } : undefined
  }
  // A replica without a leader has nothing new, and does not know whether this is all (SPEC CH4).
  if (verdict === 'empty') {
    const what = `Reading ${requests.url} at offset ${position.offset}: the server does not say whether the log ends there`
    return { type: 'failed', error: new StreamDBError('unreachable', what) }
  }
  if (cursor.isAtStart || (reason === 'silence' && !isDue(cursor))) return undefined
  const end = await compareEnd(requests, position.offset, { signal, timeout })
  return end === 'shorter' && cursor.position === position ? { type: 'stalled' } : undefined
}

const lastChecks = new WeakMap<LogCursor, number>()

function isDue(cursor: LogCursor): boolean {
  const now = performance.now()
  if (now - (lastChecks.get(cursor) ?? -Infinity) < END_CHECK_INTERVAL) return false
  lastChecks.set(cursor, now)
  return true
}

import type { LiveMode } from '@durable-streams/client'
import { isAnotherLog, isInsideAnother } from './another-log.ts'
import type { ReaderTimes } from './backoff.ts'
import type { BatchSink, BatchSource, ConnectionEvent, ReadMode } from './batch-source.ts'
import { StreamDBError } from './errors.ts'
import { PageFreshness } from './freshness.ts'
import { isCrossOrigin } from './http.ts'
import type { Requests } from './requests.ts'
import { hedgeReads } from './hedge.ts'
import { followLive } from './live-connection.ts'
import { corsHint, LogCursor, noSink } from './log-cursor.ts'
import type { Delivery, Outcome } from './log-cursor.ts'
import { ReadModes } from './read-modes.ts'
import { readPage } from './read-page.ts'
import { recover } from './recover.ts'
import { RequestPacer } from './request-pacer.ts'
import { Rhythm } from './rhythm.ts'
import type { LiveBatch } from './sse-events.ts'
import { delay, withTimeout } from './timeout.ts'
import type { LiveWatch } from './watch-live.ts'

/** What the reader works with. */
export interface ReaderOptions {
  readonly requests: Requests
  readonly live: LiveMode
  readonly times: ReaderTimes
  /** What to do where there is no stream. */
  readonly onMissing: 'fail' | 'wait' | 'create'
  readonly maxEventSize?: number | undefined
}

/** What the reader does now, and what can be done about it. */
type ReaderState =
  | { readonly name: 'stopped' }
  | { readonly name: 'starting' }
  | { readonly name: 'paging'; readonly shortenTimeout: () => void }
  | { readonly name: 'live'; readonly watch: LiveWatch }
  | { readonly name: 'waiting'; readonly skipDelay: () => void }

/** How long a page may be silent once verify() was called, in milliseconds. */
const SHORT_TIMEOUT = 5_000
/** After how many empty pages without Stream-Up-To-Date hidden CORS headers are reported. */
const EMPTY_PAGES = 4

/**
 * Reads a stream: pages until it has caught up, then one live connection after another.
 *
 * The reader has a position, which moves only after a batch was applied, and retries; after any interruption it continues from
 * there (SPEC L3, L4). It reports to be up to date only with evidence: a silent connection is checked by a page, and closed if
 * the page has new events.
 */
export function createReader(options: ReaderOptions): BatchSource {
  const { requests, live, times, onMissing, maxEventSize } = options
  const pacer = new RequestPacer()
  const rhythm = new Rhythm()
  const hedged = hedgeReads(requests)
  // Once the reader was live, a delay is visible to users: a slow page is requested a second time.
  let wasLive = false
  let state: ReaderState = { name: 'stopped' }
  let running: AbortController | undefined
  let sink: BatchSink | undefined
  let mode: ReadMode | undefined
  // After a break, an empty page is accepted only once the log's end was compared with the position.
  let isResumed = false
  // Since it was last read, the log may have become another one under the same name: a server was restarted, or time passed.
  let isBroken = false
  let emptyPages = 0
  const freshness = new PageFreshness(live === false)
  const cursor = new LogCursor(requests, noSink)
  const modes = new ReadModes({
    live,
    origin: requests.origin,
    onChange: () => state.name === 'live' && state.watch.giveUp({ type: 'mode' }),
    onWake: () => source.verify('wake'),
  })
  // Never rejects: whatever happens ends as an event.
  async function run(signal: AbortSignal, to: BatchSink): Promise<void> {
    let attempt = 0
    let isCaughtUp = false
    // The live connection before ended by itself, and none of the pages that prove where the log ends was read since.
    let isReopened = false
    while (!signal.aborted) {
      const { delivered, position } = cursor
      const { offset } = position
      const began = performance.now()
      const liveMode: ReadMode | undefined = isCaughtUp ? nextMode(to) : undefined
      try {
        if (liveMode === 'polling') await wait(modes.pollInterval, signal)
        if (signal.aborted) return
        const outcome: Outcome =
          liveMode === undefined || liveMode === 'polling'
            ? await page(signal, to)
            : await follow(liveMode, isReopened, signal, to)
        await to.ready()
        if (signal.aborted) return
        if (outcome === 'end') return finish({ type: 'end', reason: 'stream-closed' })
        if (outcome === 'up-to-date' && live === false) return finish({ type: 'end', reason: 'not-live' })
        const isNews = cursor.position.offset !== offset
        pacer.noteAnswer(isNews && cursor.delivered === delivered)
        // Pages that bring nothing between live requests that fail do not make these first ones.
        if (isCaughtUp || isNews) attempt = 0
        if ((outcome === 'more' || outcome === 'ended') && !isNews) isResumed = true
        const isForNothing: boolean =
          liveMode !== undefined && liveMode !== 'polling' && !isNews && outcome !== 'interrupted'
        const isHasty: boolean = isForNothing && performance.now() - began < 100
        isReopened = outcome === 'ended' && !isHasty && !cursor.isNamedByPages
        isCaughtUp = outcome === 'up-to-date' || outcome === 'interrupted' || isReopened
        wasLive ||= isCaughtUp
        if (isHasty && liveMode === 'sse') modes.sse.failed()
        if (isHasty || pacer.isBarren || outcome === 'moved' || outcome === 'empty')
          await wait(pacer.next(), signal)
      } catch (thrown) {
        if (signal.aborted) return
        attempt = cursor.position.offset === offset ? attempt + 1 : 1
        isCaughtUp = isReopened = false
        isResumed = isBroken = true
        if (!(await goOnAfter(thrown, attempt, signal, to))) return
      }
    }
  }

  async function goOnAfter(
    thrown: unknown,
    attempt: number,
    signal: AbortSignal,
    to: BatchSink,
  ): Promise<boolean> {
    let recovery: Awaited<ReturnType<typeof recover>>
    try {
      recovery = await recover(thrown, { requests, cursor, times, onMissing, attempt, signal })
    } catch (error) {
      // The sink threw in onRestart or onSeekRefused.
      const failed = new StreamDBError('stream-failed', 'Restarting failed', { cause: error })
      recovery = { type: 'fail', error: failed }
    }
    if (signal.aborted) return false
    freshness.noteFailure(thrown)
    if (recovery.type === 'retry-now') return true
    if (recovery.type === 'fail') {
      finish({ type: 'fail', error: recovery.error })
      return false
    }
    const { report, ms, error } = recovery
    const now = Date.now()
    const nextTry = now + ms
    to.onConnection(
      report === 'refuse'
        ? { type: 'refuse', nextTry, error }
        : { type: 'break', attempt, now, nextTry, error },
    )
    await wait(ms, signal)
    return !signal.aborted
  }

  /** Reads one page of what is there. */
  async function page(signal: AbortSignal, to: BatchSink): Promise<Outcome> {
    let outcome = 'more' as Outcome // as it is changed below, which the compiler does not see
    // Once only, so that repeated doubts do not extend it.
    let isShort = false
    const doubts = { isResumed, isBroken }
    await withTimeout(signal, times.connectTimeout, (attempt, resetTimer) => {
      state = {
        name: 'paging',
        shortenTimeout() {
          if (!isShort) resetTimer(Math.min(SHORT_TIMEOUT, times.connectTimeout))
          isShort = true
        },
      }
      return readPage(
        {
          requests: wasLive ? hedged : requests,
          position: cursor.position,
          isLongPoll: false,
          freshness: freshness.next,
          signal: attempt,
          onActivity: () => resetTimer(times.idleTimeout),
          ...{ maxEventSize, cutLines: cursor.cutLines },
        },
        async (part) => {
          if (attempt.aborted) return 'stop'
          // checkLog has timeouts of its own.
          resetTimer(Infinity)
          const trusted = freshness.trust(part, cursor.position)
          outcome = trusted ? ((await checkLog(trusted, attempt)) ?? cursor.deliver(trusted)) : 'stale'
          if (outcome === 'moved') return 'stop'
          if (mode === 'polling' && part.items.length > 0) modes.noteUse()
          // The clock is stopped: a slow sink is not a silent server.
          if (!part.complete) await to.ready()
          resetTimer(times.idleTimeout)
          return 'continue'
        },
      )
    }).catch(async (error: unknown) => {
      if (!(await isInsideAnother(error, doubts, { requests, cursor, times, signal }))) throw error
      outcome = replaced()
    })
    emptyPages = outcome === 'empty' ? emptyPages + 1 : 0
    if (emptyPages >= EMPTY_PAGES && isCrossOrigin(requests.href)) {
      throw new StreamDBError('unreachable', `${requests.url} does not say where the log ends. ${corsHint}`)
    }
    return outcome
  }

  /** Goes back to the log's beginning where this response is another log's. */
  async function checkLog(part: Delivery, signal: AbortSignal): Promise<'moved' | undefined> {
    const doubts = { isResumed, isBroken }
    isResumed = isBroken = false
    return (await isAnotherLog(part, doubts, { requests, cursor, times, signal })) ? replaced() : undefined
  }

  function replaced(): 'moved' {
    if (cursor.isSeeking) cursor.refuseSeek()
    else cursor.restart(cursor.isProven ? 'stream-replaced' : 'offset-invalid')
    return 'moved'
  }

  async function follow(
    next: 'sse' | 'long-poll',
    isReopened: boolean,
    signal: AbortSignal,
    to: BatchSink,
  ): Promise<Outcome> {
    const ready = (): Promise<void> => to.ready()
    const check = isReopened
      ? (batch: LiveBatch, attempt: AbortSignal) => checkLog({ ...batch, first: 0, complete: true }, attempt)
      : undefined
    const options = { requests, cursor, modes, times, rhythm, ready, checkEnd: check, maxEventSize }
    return followLive(next, options, signal, (watch) => {
      state = { name: 'live', watch }
    })
  }

  function nextMode(to: BatchSink): ReadMode {
    const next = modes.next()
    if (next !== mode) to.onConnection({ type: 'mode', mode: next })
    mode = next
    return next
  }

  async function wait(ms: number, signal: AbortSignal): Promise<void> {
    // Stopped, and maybe started again: the state belongs to another run.
    if (signal.aborted) return
    await delay(ms, signal, new Promise<void>((resolve) => (state = { name: 'waiting', skipDelay: resolve })))
  }

  function finish(event: ConnectionEvent): void {
    // Before the event: the sink may call start() in response.
    source.stop()
    sink?.onConnection(event)
  }

  const source: BatchSource = {
    start(from, given) {
      if (state.name !== 'stopped') return
      sink = given
      cursor.begin(from, given)
      const own = (running = new AbortController())
      state = { name: 'starting' }
      isResumed = isBroken = true
      mode = undefined
      modes.start()
      given.onConnection({ type: 'start' })
      // The sink may have called stop() in response.
      if (!own.signal.aborted) void run(own.signal, given)
    },
    stop() {
      running?.abort()
      running = undefined
      state = { name: 'stopped' }
      modes.stop()
    },
    restart(reason) {
      if (sink === undefined) return
      source.stop()
      cursor.restart(reason)
      source.start(undefined, sink)
    },
    retryNow() {
      if (state.name === 'waiting') state.skipDelay()
    },
    verify(reason) {
      switch (state.name) {
        case 'stopped':
        case 'starting':
          return
        case 'paging':
          if (reason !== 'append-failed') state.shortenTimeout()
          return
        case 'live':
          state.watch.verify(reason)
          return
        case 'waiting':
          // A server that asks for a pause is not asked sooner for what it refuses.
          if (reason !== 'append-failed') state.skipDelay()
      }
    },
  }
  return source
}

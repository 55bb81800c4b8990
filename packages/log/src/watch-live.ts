import type { VerifyReason } from './batch-source.ts'
import type { Rhythm } from './rhythm.ts'

/** Why a live connection is given up. */
export type Doubt =
  /** A page has what the connection should have delivered. */
  | { readonly type: 'stalled' }
  /** No page could be read either. */
  | { readonly type: 'failed'; readonly error: unknown }
  /** Another way of reading is called for. */
  | { readonly type: 'mode' }

/** For how many intervals what arrives may add up to nothing, such as comments alone, before a page is read beside it. */
const UNPROVEN_INTERVALS = 3

/** What a watch works with. */
export interface LiveWatchOptions {
  /** How long a connection may be silent at most before a page is read beside it, in milliseconds. */
  readonly interval: number
  /** The same for one that has delivered nothing yet; it doubles. */
  readonly firstInterval: number
  /** What is known of the log: a silence that is unusual for it is not waited out. */
  readonly rhythm: Rhythm
  /** Reads a page; returns why the connection is to be given up, if it is. */
  readonly probe: (reason: VerifyReason | 'silence') => Promise<Doubt | undefined>
  readonly onDoubt: (doubt: Doubt) => void
}

/** Sees to it that a live connection is evidence: a silent one proves nothing. */
export interface LiveWatch {
  /** Starts the clock: the connection is open, or has brought a batch. */
  start(): void
  /** Stops the clock until `start`: the sink is busy, so the connection is not read. */
  pause(): void
  /** Something arrived; whether it adds up to a batch is not known yet. */
  noteActivity(): void
  /** Reads a page at once. */
  verify(reason: VerifyReason): void
  /** Gives the connection up. */
  giveUp(doubt: Doubt): void
  stop(): void
}

/**
 * Watches a live connection. Silence alone is no fault, as quiet streams are silent for hours and servers close such
 * connections; a page that has news is.
 */
export function watchLive({ interval, firstInterval, rhythm, probe, onDoubt }: LiveWatchOptions): LiveWatch {
  let timer: ReturnType<typeof setTimeout> | undefined
  // When the timer fires, and when it should; `Infinity` while the clock is stopped. Times of `performance.now`.
  let firesAt = Infinity
  let dueAt = Infinity
  let wait = Math.min(firstInterval, rhythm.patience(interval))
  let state: 'watching' | 'probing' | 'stopped' = 'watching'
  let again: VerifyReason | undefined
  // When the connection last brought a batch, or a page showed that there is none.
  let provenAt = performance.now()

  function schedule(ms: number): void {
    if (state === 'stopped') return
    dueAt = performance.now() + ms
    // Something arrives a thousand times a second: a timer that fires too early looks at the clock again.
    if (timer === undefined || firesAt > dueAt) startTimer(ms)
  }

  function startTimer(ms: number): void {
    clearTimeout(timer)
    firesAt = performance.now() + ms
    timer = setTimeout(onTimer, Math.min(ms, 2 ** 31 - 1))
  }

  function onTimer(): void {
    timer = undefined
    if (dueAt === Infinity) return
    const left = Math.ceil(dueAt - performance.now())
    if (left > 0) startTimer(left)
    else void check('silence')
  }

  function stopTimer(): void {
    clearTimeout(timer)
    timer = undefined
    dueAt = Infinity
  }

  // Never rejects: what the probe throws is a doubt.
  async function check(reason: VerifyReason | 'silence'): Promise<void> {
    if (state !== 'watching') return
    state = 'probing'
    stopTimer()
    const doubt = await probe(reason).catch((error: unknown): Doubt => ({ type: 'failed', error }))
    // It may have been stopped meanwhile, which the compiler does not see.
    if ((state as string) === 'stopped') return
    state = 'watching'
    if (doubt !== undefined) {
      watch.giveUp(doubt)
      return
    }
    provenAt = performance.now()
    // A silence that began a while ago is doubted again after a part of it: a failover is noticed soon after its end.
    const silence = rhythm.silence()
    wait = Math.min(silence > 0 ? Math.max(wait, silence / 4) : wait * 2, interval)
    schedule(wait)
    const next = again
    again = undefined
    if (next !== undefined) void check(next)
  }

  const watch: LiveWatch = {
    start() {
      provenAt = performance.now()
      schedule(wait)
    },
    pause: () => (dueAt = Infinity),
    noteActivity() {
      rhythm.noteArrival()
      wait = rhythm.patience(interval)
      // A proxy may send comments for ever, and nothing else, when the server behind it is gone: the clock is not put back.
      if (performance.now() - provenAt > UNPROVEN_INTERVALS * interval) return
      if (state === 'watching') schedule(wait)
    },
    verify(reason) {
      if (state === 'probing') again = reason
      else void check(reason)
    },
    giveUp(doubt) {
      if (state === 'stopped') return
      watch.stop()
      onDoubt(doubt)
    },
    stop() {
      state = 'stopped'
      stopTimer()
    },
  }
  return watch
}

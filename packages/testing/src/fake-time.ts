/** The functions of a test runner's fake timers that are used: `vi` of Vitest, or `jest` of Jest. */
export interface FakeTimers {
  // A method, so that the narrower parameters of both runners fit.
  useFakeTimers(config?: FakeTimersConfig): unknown
  useRealTimers(): unknown
  advanceTimersByTimeAsync(ms: number): Promise<unknown>
}

/** The clocks to replace, by the names that both runners take. */
export interface FakeTimersConfig {
  readonly toFake?: ReplacedClock[] | undefined
  readonly doNotFake?: KeptClock[] | undefined
  readonly now?: number | undefined
}

/** A clock that fake time replaces. */
export type ReplacedClock =
  'setTimeout' | 'clearTimeout' | 'setInterval' | 'clearInterval' | 'Date' | 'performance'

/** A clock that stays real under fake time. */
export type KeptClock =
  | 'hrtime'
  | 'nextTick'
  | 'queueMicrotask'
  | 'setImmediate'
  | 'clearImmediate'
  | 'requestAnimationFrame'
  | 'cancelAnimationFrame'
  | 'requestIdleCallback'
  | 'cancelIdleCallback'

/** A clock that stands still until the test moves it. */
export interface FakeTime {
  /** Lets so many milliseconds pass, with all that happens in them; what waits for no clock has happened when it resolves. */
  advance(ms: number): Promise<void>
  /** Brings the real clocks back. May be called again. */
  restore(): void
}

// As they are when this file is loaded: what waits for real time goes on by these.
const { setImmediate: immediate, setTimeout: timeout } = globalThis as {
  setImmediate?: (run: () => void) => void // absent in browsers
  setTimeout: (run: () => void, ms: number) => unknown
}

/** In how many steps a time passes, at most: between them what was asked for is answered. */
const STEPS = 200

/**
 * Replaces the clocks that a database goes by, by those of the test runner: `fakeTime(vi)`, `fakeTime(jest)`.
 *
 * Replaced are timers, `Date` and `performance`. Kept are `setImmediate`, `queueMicrotask` and the like, without which
 * nothing would be delivered. Time passes in steps, and between two of them every scripted request is answered; a real
 * server takes real time, in which the clock stands still: let a test with one wait before it goes on.
 *
 * @example
 * ```ts
 * const time = fakeTime(vi)
 * const stream = scriptedStream([{ unreachable: true, times: 3 }, []])
 * const db = createStreamDB({ streamOptions: stream.streamOptions, state })
 * const loading = db.preload()
 * await time.advance(30_000) // three attempts, and the pauses between them
 * await loading
 * db.close()
 * time.restore()
 * ```
 */
export function fakeTime(timers: FakeTimers, options: { readonly now?: number | undefined } = {}): FakeTime {
  timers.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    // Jest takes the list of clocks to keep, and replaces all others.
    doNotFake: [
      'hrtime',
      'nextTick',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'requestAnimationFrame',
      'cancelAnimationFrame',
      'requestIdleCallback',
      'cancelIdleCallback',
    ],
    ...(options.now !== undefined && { now: options.now }),
  })
  return {
    async advance(ms) {
      const step = Math.max(1, Math.ceil(ms / STEPS))
      await turns()
      for (let passed = 0; passed < ms; passed += step) {
        await timers.advanceTimersByTimeAsync(Math.min(step, ms - passed))
        await turns()
      }
    },
    restore: () => void timers.useRealTimers(),
  }
}

/** A few turns of the event loop: a response and what follows from it take one each. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise<void>((resolve) => {
      if (immediate === undefined) timeout(resolve, 0)
      else immediate(resolve)
    })
  }
}

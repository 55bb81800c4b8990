import type { TabBrowser, TabLocks } from './browser.ts'
import { beginElection, nextElection } from './election.ts'
import type {
  Election,
  ElectionEvent,
  ElectionStep,
  ElectionTimes,
  ElectionTurn,
  Thefts,
} from './election.ts'

/** Follows whether this tab leads. */
export interface LeadershipListener {
  /** This tab leads until `signal` aborts. Its heartbeat began. */
  onLead(signal: AbortSignal): void
  /** This tab does not lead any more: what it holds back is to be saved now, before the lock is gone. */
  onStepDown(): void
  /** The page is left; the lock is given up. */
  onAway(): void
  /** The page is shown again; the lock is asked for next. */
  onBack(): void
  /** Tells the other tabs that the leader is there. */
  beat(thefts: Thefts): void
  /** Asks the leader to tell that it is there. */
  ask(): void
  /** The browser refuses the lock again and again: this tab neither leads nor knows whether another one does. */
  onRefused(): void
}

/** So many refusals in a row are no accident: in a frame without an origin of its own, or by a setting of the browser. */
const REFUSALS = 3

/** What an election works with. */
export interface LeadershipParts {
  readonly browser: Pick<TabBrowser, 'page' | 'clock'>
  readonly locks: TabLocks
  /** The lock: one for each stream in each store. */
  readonly name: string
  readonly times: ElectionTimes
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}

/** Holds the lock of a stream, or waits for it; `election.ts` decides, this acts. */
export class Leadership {
  readonly #parts: LeadershipParts
  readonly #listener: LeadershipListener
  #state: Election = { name: 'closed' }
  #term: AbortController | undefined
  // Ends the lock that is held, or the wait for it.
  #endRequest: (() => void) | undefined
  #stopLooking: (() => void) | undefined
  #stopAsking: (() => void) | undefined
  #refusals = 0

  constructor(parts: LeadershipParts, listener: LeadershipListener) {
    this.#parts = parts
    this.#listener = listener
  }

  /** Takes part in the election, until the database closes. */
  start(): void {
    const { browser, signal } = this.#parts
    if (signal.aborted) return
    const stopObserving = browser.page.observe({
      onHide: () => this.#leave(),
      onShow: () => this.#comeBack(),
      onWake: () => this.#wake(),
    })
    signal.addEventListener('abort', () => {
      stopObserving()
      this.#stopLooking?.()
      this.#stopAsking?.()
      this.#on({ type: 'close' })
    })
    this.#turn(beginElection(this.#now))
    this.#scheduleLook()
  }

  /** The leader was heard; `thefts` as it counts them. */
  onHeard(thefts: Thefts): void {
    this.#on({ type: 'heard', now: this.#now, thefts })
  }

  /** The store, or another tab, has a newer epoch: this tab does not lead any more. */
  onSuperseded(): void {
    this.#on({ type: 'lost', now: this.#now })
  }

  /** The leader was asked for: where it is this tab, it answers at once. */
  onAsked(): void {
    this.#beat()
  }

  get #now(): number {
    return this.#parts.browser.clock.now()
  }

  #leave(): void {
    this.#on({ type: 'hide' })
    this.#listener.onAway()
  }

  #comeBack(): void {
    if (this.#state.name !== 'away') return
    this.#listener.onBack()
    this.#on({ type: 'show', now: this.#now })
  }

  #wake(): void {
    // Left, and visible: `pageshow` did not come.
    if (this.#parts.browser.page.isVisible) this.#comeBack()
    this.#look()
  }

  #on(event: ElectionEvent): void {
    this.#turn(nextElection(this.#state, event, this.#parts.times))
  }

  #turn({ state, steps }: ElectionTurn): void {
    this.#state = state
    for (const step of steps) this.#do(step)
  }

  #do(step: ElectionStep): void {
    switch (step) {
      case 'request':
        return this.#request(false)
      case 'steal':
        return this.#request(true)
      case 'release':
        this.#endRequest?.()
        this.#endRequest = undefined
        return
      case 'ask':
        return this.#ask()
      case 'lead': {
        this.#term = new AbortController()
        this.#beat()
        this.#listener.onLead(this.#term.signal)
        return
      }
      case 'step-down':
        this.#listener.onStepDown()
        this.#term?.abort()
        this.#term = undefined
    }
  }

  #request(steal: boolean): void {
    const { locks, name } = this.#parts
    const wait = new AbortController()
    let release: (() => void) | undefined
    const end = (): void => {
      wait.abort()
      release?.()
    }
    this.#endRequest = end
    const hold = (): Promise<void> =>
      new Promise((resolve) => {
        release = resolve
        this.#refusals = 0
        // Given up in the moment in which it was granted.
        if (this.#endRequest !== end) resolve()
        else this.#on({ type: 'granted', now: this.#now })
      })
    locks.request(name, steal ? { steal } : { signal: wait.signal }, hold).then(
      () => this.#onRequestEnd(end),
      () => this.#onRequestEnd(end),
    )
  }

  /** A request ended that nobody ended here: the lock was stolen, or the browser refused it. */
  #onRequestEnd(end: () => void): void {
    if (this.#endRequest !== end) return
    this.#endRequest = undefined
    this.#refusals++
    if (this.#refusals === REFUSALS) return this.#listener.onRefused()
    this.#on({ type: 'lost', now: this.#now })
  }

  #scheduleLook(): void {
    this.#stopLooking = this.#parts.browser.clock.after(this.#parts.times.beat, () => {
      this.#scheduleLook()
      this.#look()
    })
  }

  #look(): void {
    this.#beat()
    // A request that the browser refused is made again.
    if (this.#state.name === 'waiting' && this.#endRequest === undefined) this.#request(false)
    this.#on({ type: 'look', now: this.#now })
  }

  #beat(): void {
    if (this.#state.name === 'leading') this.#listener.beat(this.#state.thefts)
  }

  #ask(): void {
    const { browser, times } = this.#parts
    this.#listener.ask()
    // Two tabs that have waited for the same time do not steal in the same moment.
    const ms = times.answer + browser.clock.random() * times.beat
    this.#stopAsking?.()
    this.#stopAsking = browser.clock.after(ms, () => {
      this.#on({ type: 'unanswered', now: this.#now, isVisible: browser.page.isVisible })
    })
  }
}

import { setMaxListeners } from 'node:events'
import type { TabBrowser, TabChannel, TabPageListener } from '@streamdb/persist'
import type { TabRunner } from './tab-runner.ts'
import type { WorldChannels } from './world-channels.ts'
import type { WorldLocks } from './world-locks.ts'

/** What the tabs of a world share. */
interface SharedParts {
  readonly locks: WorldLocks
  readonly channels: WorldChannels
  readonly random: () => number
}

/** A tab of a world. What reaches it, reaches it by `run`: a frozen tab gets it when it thaws, a dead one never. */
export class WorldTab implements TabRunner {
  readonly name: string
  readonly browser: TabBrowser
  readonly #shared: SharedParts
  readonly #listeners = new Set<TabPageListener>()
  readonly #death = new AbortController()
  #queue: (() => void)[] = []
  #state: 'running' | 'frozen' | 'dead' = 'running'
  #isVisible = true
  // In the back-forward cache, where only `show` thaws it.
  #isLeft = false
  // Messages to this tab that are lost.
  #losses = 0

  constructor(shared: SharedParts, name: string, { hasLocks = true }: { readonly hasLocks?: boolean } = {}) {
    this.name = name
    this.#shared = shared
    // Every request of the tab listens.
    setMaxListeners(0, this.#death.signal)
    this.browser = this.#createBrowser(hasLocks)
  }

  get state(): 'running' | 'frozen' | 'dead' {
    return this.#state
  }

  /** Runs something of this tab: now, when it thaws, or never. */
  readonly run = (something: () => void): void => {
    if (this.#state === 'running') something()
    else if (this.#state === 'frozen') this.#queue.push(something)
  }

  /** Makes a result reach this tab only while it runs. */
  gate<Value>(result: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      result.then(
        (value) => this.run(() => resolve(value)),
        (error: Error) => this.run(() => reject(error)),
      )
    })
  }

  /** Does something of this tab: when it runs; what comes of it reaches the tab only while it runs. */
  async when<Value>(something: () => Promise<Value> | Value): Promise<Value> {
    await new Promise<void>((resolve) => this.run(resolve))
    return this.gate(Promise.resolve(something()))
  }

  /** A `fetch` whose requests end with the tab, and whose answers wait while it is frozen. */
  fetch(inner: typeof fetch): typeof fetch {
    return async (input, init) => {
      const signals = [this.#death.signal, ...(init?.signal ? [init.signal] : [])]
      return this.when(() => inner(input, { ...init, signal: AbortSignal.any(signals) }))
    }
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen'
  }

  thaw(): void {
    if (this.#state !== 'frozen' || this.#isLeft) return
    this.#state = 'running'
    for (const each of this.#queue.splice(0)) this.run(each)
    this.#tell('onWake')
  }

  /** Puts the page into the back-forward cache. */
  hide(): void {
    if (this.#state !== 'running') return
    this.#tell('onHide')
    this.#isLeft = true
    this.freeze()
  }

  /** Brings the page back from the back-forward cache; a silent one is visible, and does not tell that it was shown. */
  show({ isSilent = false }: { readonly isSilent?: boolean } = {}): void {
    if (!this.#isLeft) return
    this.#isLeft = false
    this.thaw()
    if (!isSilent) this.#tell('onShow')
  }

  setVisible(isVisible: boolean): void {
    this.#isVisible = isVisible
    if (isVisible) this.run(() => this.#tell('onWake'))
  }

  /** Calls `run` when the tab dies. */
  onDeath(run: () => void): void {
    this.#death.signal.addEventListener('abort', run)
  }

  /** Ends the tab without a word. */
  crash(): void {
    this.#state = 'dead'
    this.#queue = []
    this.#death.abort()
    this.#shared.locks.removeAll(this)
    this.#shared.channels.removeAll(this)
  }

  /** Loses the next messages to this tab: so many, from now on. */
  loseMessages(count: number): void {
    this.#losses = count
  }

  /** Whether the next message to this tab is lost. */
  losesMessage(): boolean {
    if (this.#losses === 0) return false
    this.#losses--
    return true
  }

  #tell(what: keyof TabPageListener): void {
    for (const listener of [...this.#listeners]) listener[what]()
  }

  #createBrowser(hasLocks: boolean): TabBrowser {
    const { locks, channels, random } = this.#shared
    const isVisible = (): boolean => this.#isVisible && this.#state === 'running'
    return {
      locks: hasLocks
        ? { request: (name, options, hold) => locks.request(this, name, options, hold) }
        : undefined,
      openChannel: (name): TabChannel => channels.open(this, name),
      page: {
        get isVisible() {
          return isVisible()
        },
        observe: (listener) => {
          this.#listeners.add(listener)
          return () => void this.#listeners.delete(listener)
        },
      },
      clock: {
        now: () => Date.now(),
        random,
        after: (ms, something) => {
          const timer = setTimeout(() => this.run(something), ms)
          return () => clearTimeout(timer)
        },
      },
    }
  }
}

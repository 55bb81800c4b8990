import type { LiveMode } from '@durable-streams/client'
import type { ReadMode } from './batch-source.ts'
import { isPageHidden, observeConnectivity } from './connectivity.ts'
import { slotsOf } from './connection-slots.ts'
import type { ConnectionSlots, SlotHolder } from './connection-slots.ts'
import { sseSupportOf } from './sse-support.ts'
import type { SseSupport } from './sse-support.ts'

/** How long a page is hidden before its connection is given up, in milliseconds: people look aside for a moment. */
const HIDDEN_AFTER = 10_000
/** How long a hidden page, and a reader for which its origin has no connection left, waits between two pages. */
const HIDDEN_INTERVAL = 5_000
const EVICTED_INTERVAL = 1_000

/** What `ReadModes` works with. */
export interface ReadModesOptions {
  readonly live: LiveMode
  readonly origin: string
  /** Another mode is called for than that of the connection under way. */
  readonly onChange: () => void
  /** What is known of connections is old. */
  readonly onWake: () => void
}

/**
 * Decides how a reader that has caught up follows the log: by SSE where it gets through, by long-polls where it does
 * not, and by polling while the page is hidden or while more recently used readers hold the origin's connections.
 */
export class ReadModes {
  readonly sse: SseSupport
  readonly #options: ReadModesOptions
  readonly #slots: ConnectionSlots | undefined
  readonly #holder: SlotHolder
  #isEvicted = false
  #isAway = false
  #hiding: ReturnType<typeof setTimeout> | undefined
  #stopObserving: (() => void) | undefined

  constructor(options: ReadModesOptions) {
    this.#options = options
    this.sse = sseSupportOf(options.origin)
    this.#slots = slotsOf(options.origin)
    this.#holder = {
      evict: () => {
        this.#isEvicted = true
        options.onChange()
      },
    }
  }

  start(): void {
    if (isPageHidden()) this.#hide()
    this.#stopObserving ??= observeConnectivity({
      onWake: this.#options.onWake,
      onVisibility: (isHidden) => {
        clearTimeout(this.#hiding)
        if (isHidden) this.#hide()
        else this.#isAway = false
      },
    })
  }

  stop(): void {
    clearTimeout(this.#hiding)
    this.#isAway = this.#isEvicted = false
    this.#slots?.release(this.#holder)
    this.#stopObserving?.()
    this.#stopObserving = undefined
  }

  /** Returns the mode of the next connection, and takes the connection. */
  next(): ReadMode {
    if (this.#isAway || this.#isEvicted) return 'polling'
    this.#slots?.use(this.#holder)
    const { live } = this.#options
    const isSse = this.sse.isPossible && (live === 'sse' || (live === true && this.sse.isUsable))
    return isSse ? 'sse' : 'long-poll'
  }

  /** How long to wait between two pages, in milliseconds. */
  get pollInterval(): number {
    return this.#isAway ? HIDDEN_INTERVAL : EVICTED_INTERVAL
  }

  /** Notes that the reader is used: the least recently used ones do without a connection. */
  noteUse(): void {
    if (this.#isAway) return
    if (!this.#isEvicted) this.#slots?.use(this.#holder)
    this.#isEvicted = false
  }

  #hide(): void {
    this.#hiding = setTimeout(() => {
      this.#isAway = true
      this.#slots?.release(this.#holder)
      this.#options.onChange()
    }, HIDDEN_AFTER)
  }
}

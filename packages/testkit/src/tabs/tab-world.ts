import type { TabChannel } from '@streamdb/persist'
import { WorldLocks } from './world-locks.ts'
import { WorldTab } from './world-tab.ts'

interface OpenChannel {
  readonly tab: WorldTab
  readonly name: string
  readonly listeners: ((message: unknown) => void)[]
}

/** How long a message takes, in milliseconds. */
const LATENCY = 1

/** Several tabs of one origin in one process, which freeze, crash, steal and lose messages as they are told. */
export class TabWorld {
  readonly locks: WorldLocks = new WorldLocks()
  readonly random: () => number
  readonly #channels = new Set<OpenChannel>()
  readonly #tabs: WorldTab[] = []

  /** `random`: a number in [0, 1), from a seed; always 0.5 unless told. */
  constructor(random: () => number = () => 0.5) {
    this.random = random
  }

  get tabs(): readonly WorldTab[] {
    return this.#tabs
  }

  openTab(options: { readonly hasLocks?: boolean } = {}): WorldTab {
    const tab = new WorldTab(this, `tab ${this.#tabs.length + 1}`, options)
    this.#tabs.push(tab)
    return tab
  }

  openChannel(tab: WorldTab, name: string): TabChannel {
    const channel: OpenChannel = { tab, name, listeners: [] }
    this.#channels.add(channel)
    return {
      post: (message) => {
        const copy: unknown = structuredClone(message)
        for (const other of this.#channels) if (other !== channel && other.name === name) deliver(other, copy)
      },
      listen: (onMessage) => void channel.listeners.push(onMessage),
      close: () => {
        this.#channels.delete(channel)
        channel.listeners.length = 0
      },
    }
  }

  /** A dead tab hears nothing. */
  removeChannels(tab: WorldTab): void {
    for (const channel of this.#channels) if (channel.tab === tab) this.#channels.delete(channel)
  }
}

function deliver({ tab, listeners }: OpenChannel, message: unknown): void {
  if (tab.losesMessage()) return
  setTimeout(() => {
    tab.run(() => {
      for (const listener of [...listeners]) listener(structuredClone(message))
    })
  }, LATENCY)
}

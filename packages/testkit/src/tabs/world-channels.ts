import type { TabChannel } from '@streamdb/persist'
import type { TabRunner } from './tab-runner.ts'

interface OpenChannel {
  readonly tab: TabRunner
  readonly name: string
  readonly listeners: ((message: unknown) => void)[]
}

/** How long a message takes, in milliseconds. */
const LATENCY = 1

/** The channels of all tabs of a world, as `BroadcastChannel` has them. */
export class WorldChannels {
  readonly #open = new Set<OpenChannel>()

  open(tab: TabRunner, name: string): TabChannel {
    const channel: OpenChannel = { tab, name, listeners: [] }
    this.#open.add(channel)
    return {
      post: (message) => {
        // The requests of a dead tab break, which its program still sees: a real one is gone.
        if (!this.#open.has(channel)) return
        for (const other of this.#open) {
          // Each gets a copy of its own, as it is now.
          if (other !== channel && other.name === name) deliver(other, structuredClone(message))
        }
      },
      listen: (onMessage) => void channel.listeners.push(onMessage),
      close: () => {
        this.#open.delete(channel)
        channel.listeners.length = 0
      },
    }
  }

  /** A dead tab hears nothing, and says nothing. */
  removeAll(tab: TabRunner): void {
    for (const channel of this.#open) if (channel.tab === tab) this.#open.delete(channel)
  }
}

function deliver({ tab, listeners }: OpenChannel, message: unknown): void {
  if (tab.losesMessage()) return
  setTimeout(() => {
    tab.run(() => {
      for (const listener of [...listeners]) listener(message)
    })
  }, LATENCY)
}

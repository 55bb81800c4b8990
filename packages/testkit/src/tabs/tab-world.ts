import { WorldChannels } from './world-channels.ts'
import { WorldLocks } from './world-locks.ts'
import { WorldTab } from './world-tab.ts'

/** Several tabs of one origin in one process, which freeze, crash, steal and lose messages as they are told. */
export class TabWorld {
  readonly #shared: ConstructorParameters<typeof WorldTab>[0]
  readonly #tabs: WorldTab[] = []

  /** `random`: a number in [0, 1), from a seed; always 0.5 unless told. */
  constructor(random: () => number = () => 0.5) {
    this.#shared = { locks: new WorldLocks(), channels: new WorldChannels(), random }
  }

  get tabs(): readonly WorldTab[] {
    return this.#tabs
  }

  /** Opens a tab; without locks it is one of an insecure origin. */
  openTab(options: { readonly hasLocks?: boolean } = {}): WorldTab {
    const tab = new WorldTab(this.#shared, `tab ${this.#tabs.length + 1}`, options)
    this.#tabs.push(tab)
    return tab
  }
}

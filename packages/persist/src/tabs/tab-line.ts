import type { TabBrowser, TabChannel } from './browser.ts'
import type { TabMessage } from './messages.ts'

/** A tab's line to the other tabs of a stream: a channel that is closed while the page is left. */
export class TabLine {
  readonly #open: () => TabChannel
  readonly #onMessage: (message: TabMessage) => void
  #channel: TabChannel | undefined

  constructor(
    openChannel: NonNullable<TabBrowser['openChannel']>,
    name: string,
    onMessage: (message: TabMessage) => void,
  ) {
    this.#open = () => openChannel(name)
    this.#onMessage = onMessage
  }

  open(): void {
    if (this.#channel !== undefined) return
    const channel = (this.#channel = this.#open())
    channel.listen((message) => {
      // Only tabs of this origin with this version of the messages are on the channel.
      if (this.#channel === channel) this.#onMessage(message as TabMessage)
    })
  }

  /** Sends to all other tabs; nothing while the page is left. */
  post(message: TabMessage): void {
    this.#channel?.post(message)
  }

  close(): void {
    this.#channel?.close()
    this.#channel = undefined
  }
}

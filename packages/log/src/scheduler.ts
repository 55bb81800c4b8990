/** How long the event loop is held at most, in milliseconds: half a frame, so that a page can draw in the other half. */
const BUDGET = 8

/** Gives the event loop its turn while there is much to do. */
export class Scheduler {
  // When the last turn was given; the clock is not read before there is something to do.
  #since: number | undefined

  /** Resolves at once or, where the last turn that it gave is half a frame ago, after another. */
  async yieldIfDue(): Promise<void> {
    this.#since ??= performance.now()
    if (performance.now() - this.#since < BUDGET) return
    await turn()
    this.#since = performance.now()
  }
}

// As it is when this file is loaded: the fake clock of a test is not to hold a stream.
const { setImmediate: immediate, setTimeout: timeout } = globalThis as {
  setImmediate?: (run: (value: undefined) => void) => void // absent in browsers
  setTimeout: (run: (value: undefined) => void, ms: number, value: undefined) => unknown
}

/** Resolves in the next turn of the event loop. */
export function turn(): Promise<undefined> {
  return new Promise((resolve) => {
    if (immediate !== undefined) return immediate(resolve)
    // Absent in some runtimes, such as React Native's.
    if (globalThis.MessageChannel === undefined) return void timeout(resolve, 0, undefined)
    // Not a timer: browsers make those wait for 4 ms at least, and for a second where the page is hidden.
    turns.push(resolve)
    channel ??= openChannel()
    channel.postMessage(undefined)
  })
}

const turns: ((value: undefined) => void)[] = []
// One for all: making a channel takes ten times as long as a message through it.
let channel: MessagePort | undefined

function openChannel(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    turns.shift()?.(undefined)
    // Outside of a page an open channel keeps the process from ending.
    if (turns.length > 0 || (globalThis as { document?: unknown }).document !== undefined) return
    port1.close()
    channel = undefined
  }
  return port2
}

/**
 * Gives a page the `process.nextTick` by which the queue below the published provider (`fastq`) waits, where no bundler has
 * added it: without it what is written would be `saving` for ever. Nothing changes where there is one.
 */
export function provideNextTick(): void {
  const host = globalThis as unknown as Host // a page has no `process`
  // As bundlers add it: whoever asks for Node's version or environment finds none.
  host.process ??= { env: {}, versions: {} }
  host.process.nextTick ??= (task, ...args) => queueMicrotask(() => task(...args))
}

interface Host {
  process?: {
    readonly env?: object
    readonly versions?: object
    nextTick?: (task: (...args: unknown[]) => void, ...args: unknown[]) => void
  }
}

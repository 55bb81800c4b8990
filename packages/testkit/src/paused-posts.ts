/** A fetch whose appends wait until they are released. */
export function pausedPosts(): {
  readonly fetch: typeof fetch
  readonly release: () => void
  readonly waiting: () => number
} {
  let release = (): void => undefined
  let waiting = 0
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    async fetch(input, init) {
      if (init?.method === 'POST') {
        waiting++
        await released
      }
      return fetch(input, init)
    },
    release,
    waiting: () => waiting,
  }
}

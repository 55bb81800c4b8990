/** Calls `wake` when the network comes back or the page is shown again; returns what ends that. */
export function onWake(wake: () => void): () => void {
  const { document, addEventListener, removeEventListener } = globalThis as Browser // absent on a server
  const onShown = (): void => {
    if (document?.hidden === false) wake()
  }
  addEventListener?.('online', wake)
  document?.addEventListener('visibilitychange', onShown)
  return () => {
    removeEventListener?.('online', wake)
    document?.removeEventListener('visibilitychange', onShown)
  }
}

/**
 * Calls `run` after `ms` of being shown: the clock stands still while the page is hidden, as the stream does; returns
 * what ends that. Without a page it is a timer.
 */
export function afterShown(ms: number, run: () => void): () => void {
  const { document } = globalThis as Browser // absent on a server
  let left = ms
  let since = Date.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  const turn = (): void => {
    if (timer !== undefined) left -= Date.now() - since
    clearTimeout(timer)
    since = Date.now()
    timer = document?.hidden ? undefined : setTimeout(end, Math.min(left, 2 ** 31 - 1))
  }
  const stop = (): void => {
    clearTimeout(timer)
    document?.removeEventListener('visibilitychange', turn)
  }
  const end = (): void => {
    stop()
    run()
  }
  document?.addEventListener('visibilitychange', turn)
  turn()
  return stop
}

type Browser = Partial<Pick<typeof globalThis, 'document' | 'addEventListener' | 'removeEventListener'>>

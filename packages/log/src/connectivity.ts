/** What a page tells of itself and of its network. */
export interface ConnectivityListener {
  /** The network came back or went, the page is shown or resumed: what is known of connections is old. */
  onWake(): void
  /** The page was hidden, or is shown again. */
  onVisibility?(isHidden: boolean): void
}

/** Tells a listener of changes; returns what ends that. Does nothing where there is no page. */
export function observeConnectivity(listener: ConnectivityListener): () => void {
  const { document, addEventListener, removeEventListener } = globalThis as Browser // absent on a server
  const onShown = (): void => {
    const isHidden = document?.hidden === true
    listener.onVisibility?.(isHidden)
    if (!isHidden) listener.onWake()
  }
  const onWake = (): void => listener.onWake()
  for (const name of networkEvents) addEventListener?.(name, onWake)
  document?.addEventListener('visibilitychange', onShown)
  return () => {
    for (const name of networkEvents) removeEventListener?.(name, onWake)
    document?.removeEventListener('visibilitychange', onShown)
  }
}

// `offline` too: whatever says `live` then is to prove it.
const networkEvents = ['online', 'offline', 'pageshow', 'resume']

/** Calls `run` when the network comes back or the page is shown again; returns what ends that. */
export function onWake(run: () => void): () => void {
  return observeConnectivity({ onWake: run })
}

/** Whether the page is hidden now; never where there is none. */
export function isPageHidden(): boolean {
  return (globalThis as Browser).document?.hidden === true // absent on a server
}

/**
 * Calls `run` after `ms` of being shown: the clock stands still while the page is hidden; returns what ends that.
 * Without a page it is a timer.
 */
export function afterShown(ms: number, run: () => void): () => void {
  const { document } = globalThis as Browser // absent on a server
  let left = ms
  let since = performance.now()
  let timer: ReturnType<typeof setTimeout> | undefined
  const turn = (): void => {
    if (timer !== undefined) left -= performance.now() - since
    clearTimeout(timer)
    since = performance.now()
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

/** Hears what the browser says of its network. */
export interface NetworkListener {
  onOffline(): void
  onOnline(): void
}

/** Tells a listener when the browser loses its network or has one again; returns what ends that. Nothing in Node. */
export function observeNetwork(listener: NetworkListener): () => void {
  const { addEventListener, removeEventListener } = globalThis as Browser // absent on a server
  const onOffline = (): void => listener.onOffline()
  const onOnline = (): void => listener.onOnline()
  addEventListener?.('offline', onOffline)
  addEventListener?.('online', onOnline)
  return () => {
    removeEventListener?.('offline', onOffline)
    removeEventListener?.('online', onOnline)
  }
}

/** Whether the browser says that it has no network; false if the runtime does not report it. */
export function isOffline(): boolean {
  return (globalThis as Browser).navigator?.onLine === false // absent on a server
}

type Browser = Partial<Pick<typeof globalThis, 'navigator' | 'addEventListener' | 'removeEventListener'>>

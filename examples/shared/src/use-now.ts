import { useSyncExternalStore } from 'react'

const period = 30_000

/** Returns the time, and renders again now and then: "2 minutes ago" would be wrong after three. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / period) * period + period)
}

function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, period)
  return () => clearInterval(timer)
}

import { useSyncExternalStore } from 'react'

/** "2 minutes ago" may be this much out of date, in milliseconds. */
const period = 30_000

/** Returns the time, rounded up to half a minute, and renders again when it changes. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / period) * period + period)
}

function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, period)
  return () => clearInterval(timer)
}

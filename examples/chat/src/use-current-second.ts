import { useSyncExternalStore } from 'react'

/** Returns the time in whole seconds, and renders again every second. */
export function useCurrentSecond(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / 1_000) * 1_000)
}

function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, 1_000)
  return () => clearInterval(timer)
}

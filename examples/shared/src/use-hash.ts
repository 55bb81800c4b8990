import { useSyncExternalStore } from 'react'

/** Returns what stands behind `#` in the page's address, as it is there, and renders again when it changes. */
export function useHash(): string {
  return useSyncExternalStore(subscribe, () => location.hash.slice(1))
}

/** People write what they like after `#`; not all of it can be decoded. */
export function decodeHash(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

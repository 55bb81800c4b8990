import { useSyncExternalStore } from 'react'

const wide = matchMedia('(width >= 60rem)')

/** Returns the height of a row in pixels, as `styles/changes.css` has it: two lines in a narrow window. */
export function useRowHeight(): number {
  return useSyncExternalStore(subscribe, () => (wide.matches ? 36 : 64))
}

function subscribe(listener: () => void): () => void {
  wide.addEventListener('change', listener)
  return () => wide.removeEventListener('change', listener)
}

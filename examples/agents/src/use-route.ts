import { useSyncExternalStore } from 'react'

/** What the page's address names after `#`: a session, and a branch of it. */
export interface Route {
  readonly session: string
  readonly branch: string | undefined
}

/** Returns what the address names, and renders again when it names something else. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash.slice(1))
  const [session = '', branch] = hash.split('/')
  return { session: decode(session), branch: branch === undefined ? undefined : decode(branch) }
}

/** Returns the address of a session for this person. */
export function addressOf(session: string, branch?: string): string {
  return `#${encodeURIComponent(session)}${branch === undefined ? '' : `/${encodeURIComponent(branch)}`}`
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

/** People write what they like after `#`; not all of it can be decoded. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

import { decodeHash, useHash } from '@streamdb/example-shared/page'

/** What the page's address names after `#`: a session, and a branch of it. */
export interface Route {
  readonly session: string
  readonly branch: string | undefined
}

/** Returns what the address names, and renders again when it names something else. */
export function useRoute(): Route {
  const hash = useHash()
  const [session = '', branch] = hash.split('/')
  return { session: decodeHash(session), branch: branch === undefined ? undefined : decodeHash(branch) }
}

/** Returns the address of a session for this person. */
export function addressOf(session: string, branch?: string): string {
  return `#${encodeURIComponent(session)}${branch === undefined ? '' : `/${encodeURIComponent(branch)}`}`
}

/**
 * Returns where the bytes of an attachment are. Rows say so from the session's URL on, as that of a directory: a session that
 * is reached under another address, or was moved with its files, has them.
 */
export function attachmentUrl(sessionUrl: string, url: string): string {
  return new URL(url, directoryOf(sessionUrl)).href
}

/** Returns a URL as a row of the session has it. That of another origin stays absolute. */
export function relativeUrl(sessionUrl: string, url: string): string {
  const from = directoryOf(sessionUrl)
  const to = new URL(url)
  if (to.origin !== from.origin) return to.href
  const [base, path] = [from.pathname.split('/').slice(0, -1), to.pathname.split('/')]
  let shared = 0
  while (shared < base.length && shared < path.length - 1 && base[shared] === path[shared]) shared++
  const up = base.slice(shared).map(() => '..')
  return [...up, ...path.slice(shared)].join('/')
}

function directoryOf(sessionUrl: string): URL {
  const directory = new URL(sessionUrl)
  directory.pathname = `${directory.pathname.replace(/\/$/, '')}/`
  directory.search = ''
  return directory
}

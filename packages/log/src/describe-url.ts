import { StreamDBError } from './errors.ts'

/**
 * Returns a URL for a message: without user information, and with the names of its query's parameters alone, as
 * values may be secrets.
 */
export function describeUrl(url: string): string {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return url.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/, '')
  }
  const names = [...new Set(parsed.searchParams.keys())].map((name) => `${name}=...`)
  const query = names.length > 0 ? `?${names.join('&')}` : ''
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${query}`
}

/**
 * Returns a stream's URL as an absolute one: a relative URL is resolved against the page's or worker's location.
 *
 * Throws `invalid-options` for what is no URL, and for one with credentials, which `fetch` refuses.
 */
export function resolveUrl(url: string | URL): string {
  // Absent outside of browsers. A worker made from a blob has a location that nothing resolves against.
  const { location, document } = globalThis as {
    location?: { href: string }
    document?: { baseURI?: string }
  }
  let parsed: URL
  try {
    parsed = new URL(url, document?.baseURI ?? location?.href)
  } catch (cause) {
    const given = describeUrl(String(url))
    const hint = location === undefined ? ': there is no page here to resolve a relative URL against' : ''
    throw new StreamDBError(
      'invalid-options',
      `Expected the absolute URL of a stream but received "${given}"${hint}`,
      // The cause's message would repeat the URL, secrets and all.
      { cause: cause instanceof Error ? cause.name : cause },
    )
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new StreamDBError(
      'invalid-options',
      `The URL ${describeUrl(parsed.href)} carries credentials, which fetch refuses: ` +
        'pass them as a header instead, such as headers: { Authorization: ... }',
    )
  }
  // As it was given, where that is enough: others compare it.
  return isAbsolute(String(url)) ? String(url) : parsed.href
}

function isAbsolute(url: string): boolean {
  return /^[a-z][a-z\d+.-]*:/i.test(url)
}

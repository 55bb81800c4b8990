/**
 * Returns the `Cache-Control` of an answer to an authorised reader: shared caches must not store it, and the reader's own cache
 * must revalidate it unless the stream server allows a lifetime.
 */
export function privateCacheControl(given: string | null): string {
  const directives = (given ?? '')
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '' && !/^(public|private|s-maxage=|proxy-revalidate)/.test(each))
  if (directives.includes('no-store')) return 'no-store'
  return ['private', ...(directives.length === 0 ? ['no-cache'] : directives)].join(', ')
}

/** Joins the names of headers that an answer depends on. */
export function varyOf(...lists: (string | null | undefined)[]): string {
  const names = lists.flatMap((list) => (list ?? '').split(',')).map((name) => name.trim().toLowerCase())
  return [...new Set(names.filter((name) => name !== ''))].join(', ')
}

/**
 * Returns what the answer to HEAD calls the stream: its incarnation, or the id in an ETag that is documented as
 * `{internal_stream_id}:{end_offset}`. One that only spells the path says nothing of another stream there.
 */
export function streamIdOf(
  etag: string | undefined,
  incarnation: string | undefined,
  offset: string | undefined,
  href: string,
): string | undefined {
  if (incarnation !== undefined) return incarnation
  const text = etag?.replace(/^W\//, '').replace(/^"|"$/g, '')
  if (text === undefined || offset === undefined || !text.endsWith(`:${offset}`)) return undefined
  const id = text.slice(0, -offset.length - 1).replace(/:-1$/, '')
  const { pathname } = new URL(href)
  const paths = [pathname, decodeURIComponent(pathname)]
  const isPath = paths.some((path) => path === id || path.slice(1) === id || toBase64(path) === id)
  return id === '' || isPath ? undefined : id
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

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

/** Of the ids that ETags have: they are distinguished from incarnations, which are more reliable. */
const etagPrefix = 'etag:'

/**
 * Returns the id of a stream in the ETag of a page, `{id}:{start}:{end}`, where the end is that of the page's offset: other
 * ETags, those of caches and compressing proxies too, are none of the stream's. One that spells the path is the same for ever.
 */
export function pageIdOf(etag: string | undefined, offset: string | undefined): string | undefined {
  const [, id, end] = /^(?:W\/)?"(.+):\d+:(\d+)(?::c)?"$/.exec(etag ?? '') ?? []
  const position = offset?.split('_').at(-1)
  if (id === undefined || end === undefined || position === undefined) return undefined
  return /^\d+$/.test(position) && Number(position) === Number(end) ? `${etagPrefix}${id}` : undefined
}

/** Whether an id is an incarnation, which every answer has. Only pages have an ETag, and proxies may change it. */
export function isIncarnation(streamId: string | undefined): boolean {
  return streamId !== undefined && !streamId.startsWith(etagPrefix)
}

/** Whether two ids are those of two streams; those of another kind, and none, say nothing. */
export function areDifferentStreams(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || isIncarnation(one) !== isIncarnation(other)) return false
  return one !== other
}

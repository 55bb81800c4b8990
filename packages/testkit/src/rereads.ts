let found: Promise<number> | undefined

/**
 * How many requests a load sends beyond its pages: one where the stream server of `STREAMDB_SERVER_URL` lets caches keep its
 * answers, as what such an answer says of the end of the log is asked for again (RD11). The embedded server of a usual run does
 * not.
 */
export async function rereads(): Promise<number> {
  const { STREAMDB_SERVER_URL: url } = process.env
  return url === undefined ? 0 : (found ??= askOnce(new URL(`caching-${process.pid}`, url).href))
}

async function askOnce(url: string): Promise<number> {
  const send = (method: string, query = ''): Promise<Response> =>
    fetch(url + query, { method, headers: { 'content-type': 'application/json', connection: 'close' } })
  await send('PUT')
  const answer = await send('GET', '?offset=-1')
  await answer.text()
  await send('DELETE')
  const text = answer.headers.get('cache-control') ?? ''
  return !/no-store|no-cache/i.test(text) && /(max-age|s-maxage)="?0*[1-9]|immutable/i.test(text) ? 1 : 0
}

/** What can be taken from a stream server by what lies between. */
type Removable = keyof typeof removals

/** How each is taken away: headers that do not get there, requests that are refused, and what an answer lacks. */
interface Removal {
  readonly requestHeaders?: readonly string[]
  /** The status with which a request is refused. */
  readonly refuse?: (request: Request, body: string) => number | undefined
  readonly answer?: (response: Response) => Response | Promise<Response>
}

const removals = {
  producers: { requestHeaders: ['producer-id', 'producer-epoch', 'producer-seq'] },
  sequence: { requestHeaders: ['stream-seq'] },
  // Without the header it is an append of nothing, which servers refuse.
  closing: { requestHeaders: ['stream-closed'] },
  lifetime: { requestHeaders: ['stream-ttl', 'stream-expires-at'], answer: without('stream-expires-at') },
  clock: { answer: without('date') },
  stamps: { answer: withoutStamps },
  bytes: {
    refuse: ({ method, headers }) =>
      method === 'PUT' && headers.get('content-type') !== 'application/json' ? 415 : undefined,
  },
  folders: { refuse: ({ url }) => (new URL(url).pathname.slice(1).includes('/') ? 404 : undefined) },
  nesting: { refuse: (_, body) => (body.includes('['.repeat(127)) ? 400 : undefined) },
} as const satisfies Readonly<Record<string, Removal>>

/** Returns a `fetch` behind which the stream server cannot do something that it can: what clients do without it is seen so. */
export function fetchWithout(name: Removable, send: typeof fetch = fetch): typeof fetch {
  const { requestHeaders = [], refuse, answer }: Removal = removals[name]
  return async (input, init) => {
    const request = new Request(input, init)
    const body = request.body === null ? undefined : await request.arrayBuffer()
    const status = refuse?.(request, body === undefined ? '' : new TextDecoder('latin1').decode(body))
    if (status !== undefined) return new Response(`no ${name} here`, { status })
    const headers = new Headers(request.headers)
    for (const header of requestHeaders) headers.delete(header)
    const { method, signal, url } = request
    const response = await send(url, { method, headers, signal, ...(body !== undefined && { body }) })
    return answer === undefined ? response : answer(response)
  }
}

function without(header: string): (response: Response) => Response {
  return (response) => withHeaders(response, response.body, header)
}

/** Of pages alone: a live read is of a server that stamps. */
async function withoutStamps(response: Response): Promise<Response> {
  if (response.headers.get('content-type') !== 'application/json') return response
  const text = (await response.text()).replaceAll(/,?"offset":"[^"]*"/g, '').replaceAll('{,', '{')
  return withHeaders(response, text, 'content-length')
}

function withHeaders(response: Response, body: BodyInit | null, removed: string): Response {
  const headers = new Headers(response.headers)
  // The body is there as it was before it was compressed.
  for (const header of [removed, 'content-encoding']) headers.delete(header)
  const isEmpty = [204, 205, 304].includes(response.status)
  return new Response(isEmpty ? null : body, { status: response.status, headers })
}

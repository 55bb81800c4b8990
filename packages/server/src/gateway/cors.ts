/** Which pages of other origins may use a gateway. */
export interface CorsOptions {
  /** Their origins, such as `https://app.example.com`; `'*'` for all, which are never given credentials then. */
  readonly origins: '*' | readonly string[] | ((origin: string) => boolean)
  /** Whether they may send cookies. Default `false`. */
  readonly credentials?: boolean | undefined
  /** Further request headers that they may send, beside those of the protocol and `Authorization`. */
  readonly headers?: readonly string[] | undefined
  /** How long a browser remembers what is allowed, in seconds. Default 600. */
  readonly maxAge?: number | undefined
}

/** Request headers of the protocol. */
export const requestHeaders: readonly string[] = [
  ...['content-type', 'if-none-match', 'producer-id', 'producer-epoch', 'producer-seq', 'stream-closed'],
  ...[
    'stream-ttl',
    'stream-expires-at',
    'stream-forked-from',
    'stream-fork-offset',
    'stream-fork-sub-offset',
  ],
]

/** Response headers that a client reads, and that a browser hides from pages of another origin unless they are exposed. */
export const exposedHeaders: readonly string[] = [
  ...['stream-next-offset', 'stream-up-to-date', 'stream-closed', 'stream-cursor', 'stream-incarnation'],
  ...['stream-sse-data-encoding', 'producer-epoch', 'producer-seq', 'producer-expected-seq'],
  ...['producer-received-seq', 'etag', 'location', 'retry-after', 'date'],
]

/** Returns the headers of CORS for an answer to a page of an origin; those of a refusal too, which the page could not read else. */
export function corsHeaders(cors: CorsOptions | undefined, origin: string | null): Record<string, string> {
  if (cors === undefined) return {}
  if (origin === null || !isAllowed(cors, origin)) return { vary: 'origin' }
  const isForAll = cors.origins === '*'
  return {
    vary: 'origin',
    'access-control-allow-origin': isForAll ? '*' : origin,
    'access-control-expose-headers': exposedHeaders.join(', '),
    'cross-origin-resource-policy': 'cross-origin',
    ...(cors.credentials === true && !isForAll && { 'access-control-allow-credentials': 'true' }),
  }
}

/** Returns what a preflight is answered with beside `corsHeaders`. */
export function preflightHeaders({ headers = [], maxAge = 600 }: CorsOptions): Record<string, string> {
  return {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
    'access-control-allow-headers': ['authorization', ...requestHeaders, ...headers].join(', '),
    'access-control-max-age': String(maxAge),
  }
}

function isAllowed({ origins }: CorsOptions, origin: string): boolean {
  if (typeof origins === 'function') return origins(origin)
  return origins === '*' || origins.includes(origin)
}

/** How a connection ends: in order, or by a reset. */
export type CutBy = 'fin' | 'rst'

/** What the proxy does to one request, or to its response. */
export type Fault =
  /**
   * Breaks the response off: before its head, or after that many bytes of its body as it travels, which may be chunked
   * and compressed. The server has seen the request.
   */
  | { readonly kind: 'cut'; readonly after: 'nothing' | number; readonly by?: CutBy | undefined }
  /** Closes the connection without passing the request on: the server has not seen it. */
  | { readonly kind: 'drop'; readonly by?: CutBy | undefined }
  /** Accepts the request and never answers; nor is it passed on. */
  | { readonly kind: 'blackhole' }
  /** Holds the response back. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Passes the body on in small pieces (a slow loris): by default 1 byte every 10 ms. */
  | { readonly kind: 'throttle'; readonly bytes?: number | undefined; readonly everyMs?: number | undefined }
  /**
   * Passes the request on twice, as a proxy that tries again does; the client gets the second response. Only requests
   * whose length is known: another one is passed on once.
   */
  | { readonly kind: 'duplicate' }
  /** Answers with the last complete response to a GET of the same path, as a stale cache does; passes on when there is none. */
  | { readonly kind: 'replay' }
  /** Answers in the server's place; the request is not passed on. */
  | {
      readonly kind: 'answer'
      readonly status?: number | undefined
      readonly headers?: Readonly<Record<string, string>> | undefined
      readonly body?: string | undefined
    }

/** A request as the proxy saw it. */
export interface ProxiedRequest {
  /** As on the wire: `GET /stream?offset=-1 HTTP/1.1`. */
  readonly line: string
  readonly method: string
  readonly url: URL
  readonly headers: ReadonlyMap<string, string>
}

/** Which requests a fault strikes, and how many. */
export interface FaultRule {
  /** Applies only to requests that read (GET), or only to those that write (POST). Default: all requests. */
  readonly of?: 'reads' | 'writes' | undefined
  /** To how many requests it applies: default 1; `Infinity` until it is removed. */
  readonly times?: number | undefined
  /** The requests to which it applies; default all. A pattern is matched with the request line. */
  readonly match?: RegExp | ((request: ProxiedRequest) => boolean) | undefined
}

/** The faults that wait for their requests. */
export interface FaultScript {
  add(fault: Fault, rule?: FaultRule): () => void
  /** Takes the fault for a request: the one that was added first among those that match. */
  take(request: ProxiedRequest): Fault | undefined
  clear(): void
}

interface ScriptedFault {
  readonly fault: Fault
  readonly strikes: (request: ProxiedRequest) => boolean
  left: number
}

/** Creates an empty script. */
export function createFaultScript(): FaultScript {
  const waiting = new Set<ScriptedFault>()

  return {
    add(fault, { times = 1, match, of } = {}) {
      const matches = matcher(match)
      const method = of && { reads: 'GET', writes: 'POST' }[of]
      const strikes = (request: ProxiedRequest): boolean =>
        (method === undefined || request.method === method) && matches(request)
      const entry: ScriptedFault = { fault, strikes, left: times }
      waiting.add(entry)
      return () => void waiting.delete(entry)
    },
    take(request) {
      for (const entry of waiting) {
        if (!entry.strikes(request)) continue
        if (--entry.left <= 0) waiting.delete(entry)
        return entry.fault
      }
      return undefined
    },
    clear: () => waiting.clear(),
  }
}

function matcher(match: FaultRule['match']): (request: ProxiedRequest) => boolean {
  if (match === undefined) return () => true
  if (typeof match === 'function') return match
  // `search` and not `test`: a pattern with the g flag keeps a position between calls of `test`.
  return (request) => request.line.search(match) !== -1
}

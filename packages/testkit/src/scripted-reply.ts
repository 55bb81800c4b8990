import type { ServerResponse } from 'node:http'

/** Where a response leaves its reader; what is not given is not sent. */
export interface StreamPosition {
  readonly nextOffset?: string | undefined
  readonly upToDate?: boolean | undefined
  readonly closed?: boolean | undefined
  readonly cursor?: string | undefined
}

/** One response to a catch-up read or to a long-poll. */
export interface ScriptedPage extends StreamPosition {
  readonly items?: readonly unknown[] | undefined
  /** The exact body, in place of `items`. */
  readonly body?: string | undefined
  readonly status?: number | undefined
  /** More headers, or other ones; these go last. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** The ways to answer one request, well or badly. */
export interface ScriptedReply {
  /** Node's own response, for what the helpers do not offer. */
  readonly response: ServerResponse
  /** Answers with items as JSON, 200 unless told. */
  page(page: ScriptedPage): void
  /** Answers a long-poll that saw nothing: 204, at `nextOffset`, up to date unless told. */
  noContent(position: StreamPosition): void
  /** Answers with a status and no stream headers. */
  status(code: number, page?: Pick<ScriptedPage, 'headers' | 'body'>): void
  /** Opens a live response. */
  sse(headers?: Readonly<Record<string, string>>): ScriptedSse
  /** Never answers; the request stays open until the client or the server goes. */
  hang(): void
  /** Breaks the connection off: by FIN, or by RST unless told. */
  destroy(by?: 'fin' | 'rst'): void
}

/** A live response; a test may cut between any two calls. */
export interface ScriptedSse {
  /** Sends items as one `data` event. */
  data(items: readonly unknown[]): ScriptedSse
  /** Sends a `control` event; up to date unless told. */
  control(position: StreamPosition): ScriptedSse
  /** Sends text as it is: half an event, a comment, another event. */
  raw(text: string): ScriptedSse
  end(): void
  destroy(by?: 'fin' | 'rst'): void
}

/** Wraps Node's response in the vocabulary of the stream protocol. */
export function toReply(response: ServerResponse): ScriptedReply {
  function destroy(by: 'fin' | 'rst' = 'rst'): void {
    if (by === 'rst') response.socket?.resetAndDestroy()
    else response.socket?.destroySoon()
  }

  return {
    response,
    page({ items = [], body = JSON.stringify(items), status = 200, headers = {}, ...position }) {
      response.writeHead(status, { 'content-type': 'application/json', ...toHeaders(position), ...headers })
      response.end(body)
    },
    noContent(position) {
      response.writeHead(204, toHeaders({ upToDate: true, ...position })).end()
    },
    status(code, { headers = {}, body = '' } = {}) {
      response.writeHead(code, { ...headers }).end(body)
    },
    sse(headers = {}) {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache',
        ...headers,
      })
      response.flushHeaders()
      return toSse(response, destroy)
    },
    hang() {},
    destroy,
  }
}

function toSse(response: ServerResponse, destroy: (by?: 'fin' | 'rst') => void): ScriptedSse {
  const sse: ScriptedSse = {
    data: (items) => sse.raw(`event: data\ndata:${JSON.stringify(items)}\n\n`),
    control: (position) => sse.raw(`event: control\ndata:${JSON.stringify(toControl(position))}\n\n`),
    raw(text) {
      response.write(text)
      return sse
    },
    end: () => void response.end(),
    destroy,
  }
  return sse
}

function toHeaders({ nextOffset, upToDate, closed, cursor }: StreamPosition): Record<string, string> {
  return {
    ...(nextOffset === undefined ? {} : { 'Stream-Next-Offset': nextOffset }),
    ...(cursor === undefined ? {} : { 'Stream-Cursor': cursor }),
    ...(upToDate === true ? { 'Stream-Up-To-Date': 'true' } : {}),
    ...(closed === true ? { 'Stream-Closed': 'true' } : {}),
  }
}

/** As the reference server sends it: an event that closes the stream says nothing of being up to date. */
function toControl({ nextOffset, upToDate = true, closed, cursor }: StreamPosition): object {
  return {
    streamNextOffset: nextOffset,
    streamCursor: cursor,
    ...(closed === true ? { streamClosed: true } : upToDate ? { upToDate: true } : {}),
  }
}

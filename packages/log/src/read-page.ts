import type { CutLines } from './cut-lines.ts'
import { StreamDBError } from './errors.ts'
import { bodyLength } from './http.ts'
import type { Freshness, ReadResponse, Requests } from './requests.ts'
import { JsonItems } from './json-array-parser.ts'
import type { ItemParser } from './json-array-parser.ts'
import { NdjsonItems } from './ndjson-parser.ts'
import type { PageHead } from './page-head.ts'
import type { Position, ResponsePart } from './position.ts'
import { areDifferentStreams } from './stream-id.ts'

/** A part of a page, and how much of the page it is. */
export interface PagePart extends ResponsePart {
  readonly head: PageHead
  readonly headers: Headers
  /** Bytes of this page that were read so far. */
  readonly bytes: number
  /** How many it will be, where that is known. */
  readonly totalBytes?: number | undefined
}

/** Which page is read, and how long that may take. */
export interface PageRequest {
  readonly requests: Pick<Requests, 'read' | 'url' | 'href'>
  readonly position: Position
  /** A long-poll: the server answers when there is something. */
  readonly isLongPoll: boolean
  readonly freshness?: Freshness | undefined
  readonly signal: AbortSignal
  readonly maxEventSize?: number | undefined
  /** How many bytes are parsed at a time: less, where little of the page is wanted. */
  readonly enough?: number | undefined
  /** Asks for a page of lines again that may have been cut; absent if the caller detects that itself. */
  readonly cutLines?: CutLines | undefined
  /** Called whenever something of the page arrived. */
  readonly onActivity: () => void
}

/**
 * Reads one response whole: a page of what is there, or a long-poll. Gives its parts to `take`, the last one complete;
 * ends early where that says `stop`.
 *
 * A page of newline-delimited JSON that is cut inside a line goes on with the pages behind it, as one response: no
 * reader can resume inside an event.
 */
export async function readPage(
  request: PageRequest,
  take: (part: PagePart) => Promise<'continue' | 'stop'>,
): Promise<void> {
  const { requests, position, isLongPoll, freshness, signal } = request
  const live = isLongPoll ? ('long-poll' as const) : undefined
  const { offset: from, cursor } = position
  let response = await requests.read({ offset: from, live, cursor, freshness, signal })
  request.onActivity()
  // Its body may begin in the middle of an event: nothing of it is parsed.
  if (areDifferentStreams(response.head.streamId, position.streamId)) {
    response.cancel()
    const { head, headers } = response
    await take({ head, headers, items: [], first: 0, complete: true, bytes: 0 })
    return
  }
  const parser = parserOf(response, request)
  const length = response.head.upToDate ? bodyLength(response.headers, requests.href) : undefined
  let bytes = 0
  let first = 0
  for (;;) {
    const { head, headers } = response
    if (head.status !== 204) {
      for await (const chunk of response.body()) {
        if (signal.aborted) return
        request.onActivity()
        bytes += chunk.byteLength
        const items = parsed(response, requests.url, () => parser.push(chunk))
        if (items.length === 0) continue
        const part = { head, headers, items, first, complete: false, bytes, totalBytes: length }
        if ((await take(part)) === 'stop') return response.cancel()
        first += items.length
      }
    }
    if (signal.aborted) return
    const { offset } = head
    if (!(parser instanceof NdjsonItems && parser.isInsideLine) || head.upToDate || offset === undefined)
      break
    response = await requests.read({ offset, cursor: head.cursor, freshness, signal })
    // A replica that lags behind has no more of it yet.
    if (response.head.offset === offset || response.head.offset === undefined) {
      response.cancel()
      throw new StreamDBError('unreachable', `A page of ${requests.url} ends inside an event`)
    }
    request.onActivity()
  }
  // A body that was cut before its first byte is no empty page: only a 204 has none.
  const { head, headers } = response
  const isLines = parser instanceof NdjsonItems && head.status !== 204
  if (isLines && request.cutLines?.isCut({ from, offset: head.offset, bytes }) === true)
    throw new StreamDBError('unreachable', `A page of ${requests.url} ended early, after ${bytes} bytes`)
  const items = head.status === 204 ? [] : parsed(response, requests.url, () => parser.finish())
  await take({ head, headers, items, first, complete: true, bytes, totalBytes: length })
}

function parserOf(
  { head }: ReadResponse,
  { maxEventSize, enough }: Pick<PageRequest, 'maxEventSize' | 'enough'>,
): ItemParser {
  const isLines = /^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines)$/.test(head.contentType ?? '')
  return isLines ? new NdjsonItems(enough, maxEventSize) : new JsonItems(enough, maxEventSize)
}

/** Says what is wrong with a body that does not parse: most often its type does. */
function parsed({ head }: ReadResponse, url: string, parse: () => readonly unknown[]): readonly unknown[] {
  try {
    return parse()
  } catch (cause) {
    const { contentType, offset } = head
    if (contentType === undefined || /[/+](x-)?(nd)?json/.test(contentType)) {
      throw new StreamDBError('unreachable', `The response is not JSON: ${String(cause)}`, { cause })
    }
    throw new StreamDBError(
      // A stream says so in its head: this one holds something else. Other pages, such as a captive portal's, pass.
      offset === undefined ? 'unreachable' : 'stream-failed',
      `${url}: received ${contentType}, expected application/json: is this URL a stream?`,
      { cause },
    )
  }
}

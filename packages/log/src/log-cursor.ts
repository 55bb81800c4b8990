import { anchorOf } from './anchor.ts'
import type { Anchor } from './anchor.ts'
import type { BatchSink, Checkpoint, RestartReason } from './batch-source.ts'
import { CutLines } from './cut-lines.ts'
import { StreamDBError } from './errors.ts'
import { isCrossOrigin } from './http.ts'
import type { Requests } from './requests.ts'
import { isBefore, isPlausibleOffset } from './offsets.ts'
import { readHeaders } from './page-head.ts'
import type { PageHead } from './page-head.ts'
import { advance, isDifferentResponse, judge, logStart } from './position.ts'
import type { Position, ResponsePart } from './position.ts'
import { SinkError, WentBackError } from './read-failure.ts'
import { isIncarnation } from './stream-id.ts'

/** What a response came to. */
export type Outcome =
  /** There is more, to be read by page. */
  | 'more'
  | 'up-to-date'
  /** The stream is closed, and all of it is read. */
  | 'end'
  /** Another way of reading is called for; all was read. */
  | 'interrupted'
  /** A live connection ended by itself, and had said where the log ends: another one may follow, without a page before. */
  | 'ended'
  /** Nothing, and not known to be all. */
  | 'empty'
  /** Nothing, out of a cache. */
  | 'stale'
  /** Reading goes on elsewhere. */
  | 'moved'

/** A part of a response as it is delivered. */
export interface Delivery extends ResponsePart {
  readonly head: Pick<PageHead, 'offset' | 'upToDate' | 'closed' | 'cursor' | 'streamId'>
  /** Bytes of the page so far, and in all where that is known. */
  readonly bytes?: number | undefined
  readonly totalBytes?: number | undefined
}

/** Delivers responses to a sink, and keeps the position, which moves only after the sink has applied a batch. */
export class LogCursor {
  /** Recognises pages of this log that were cut. */
  readonly cutLines: CutLines = new CutLines()
  readonly #url: string
  readonly #href: string
  #sink: BatchSink
  #position: Position = logStart
  // The server has answered a request at this position; a checkpoint or a reset may name an invalid offset.
  #isProven = true
  // The position to return to if the offset that a reset named is invalid.
  #seekFrom: Position | undefined
  #restarts = 0
  #delivered = 0
  // Of pages that were read to their end.
  #bytes = 0
  // By what the log is recognised, as near to the position as it goes.
  #anchor: Anchor | undefined

  constructor({ url, href }: Pick<Requests, 'url' | 'href'>, sink: BatchSink) {
    this.#url = url
    this.#href = href
    this.#sink = sink
  }

  get position(): Position {
    return this.#position
  }

  /** How many items were delivered, some of them more than once. */
  get delivered(): number {
    return this.#delivered
  }

  get isAtStart(): boolean {
    return this.#position.offset === logStart.offset
  }

  get isProven(): boolean {
    return this.#isProven
  }

  /** An item before the position, which the log has as long as it is the one that was read. */
  get anchor(): Anchor | undefined {
    return this.#anchor
  }

  /** Whether an ETag names the stream, which live connections have not: what they bring may be another stream's. */
  get isNamedByPages(): boolean {
    const { streamId } = this.#position
    return streamId !== undefined && !isIncarnation(streamId)
  }

  get isSeeking(): boolean {
    return this.#seekFrom !== undefined
  }

  /** Delivers to another sink from now on; from a checkpoint, where one is given. */
  begin(from: Checkpoint | undefined, sink: BatchSink): void {
    this.#sink = sink
    if (from === undefined || from.offset === this.#position.offset) return
    this.#position = { offset: from.offset, streamId: from.streamId }
    this.#isProven = this.isAtStart
    this.#seekFrom = undefined
    this.#anchor = undefined
  }

  /** Goes back to the log's beginning: what was delivered is void. */
  restart(why: RestartReason): void {
    this.#restarts++
    this.#bytes = 0
    this.#position = logStart
    this.#isProven = true
    this.#seekFrom = undefined
    this.#anchor = undefined
    this.#sink.onRestart(why)
  }

  /**
   * Delivers a part of the response to a request at the position. Throws if the response does not advance, a `WentBackError` if
   * its offset lies before the position, and a `SinkError` for an error of the sink.
   */
  deliver(part: Delivery): Outcome {
    const { items, first, complete, head, bytes = 0, totalBytes } = part
    const from = this.#position.offset
    switch (judge(this.#position, head, items.length > 0)) {
      case 'empty':
        return 'empty'
      case 'replaced':
        this.restart('stream-replaced')
        return 'moved'
      case 'went-back':
        throw new WentBackError(head.offset ?? '')
      case 'stale':
        throw new StreamDBError('unreachable', this.#describe('the response leads nowhere, a stale copy'))
      case 'no-offset':
        throw new StreamDBError('stream-failed', this.#describe(noOffset(this.#href)))
      case 'continues':
    }
    if (isDifferentResponse(this.#position, part)) {
      this.restart('stream-replaced')
      return 'moved'
    }
    this.#isProven = true
    this.#seekFrom = undefined
    const closed = complete && head.closed
    const upToDate = complete && (head.upToDate || closed)
    const { offset = from, cursor, streamId } = head
    const restarts = this.#restarts
    this.#delivered += items.length
    const after = this.#call((sink) =>
      sink.onBatch({
        items,
        first,
        from,
        offset,
        complete,
        upToDate,
        closed,
        cursor,
        bytes: this.#bytes + bytes,
        totalBytes: totalBytes === undefined ? undefined : this.#bytes + totalBytes,
        streamId: streamId ?? this.#position.streamId,
      }),
    )
    // The sink may have called restart(): the position is the log's beginning then.
    if (restarts !== this.#restarts) return 'moved'
    if (complete) this.#bytes += bytes
    this.#anchor = anchorOf({ from, first, items }) ?? this.#anchor
    if (after.type === 'seek') return this.#seek(after.offset)
    this.#position = advance(this.#position, part, head)
    if (!upToDate) return 'more'
    return closed ? 'end' : 'up-to-date'
  }

  /** The offset of a reset is invalid: delivers the batch with the reset again, without a seek. */
  refuseSeek(): void {
    const from = this.#seekFrom
    if (from === undefined) return
    const { offset } = this.#position
    this.#position = from
    this.#isProven = true
    this.#seekFrom = undefined
    this.#call((sink) => sink.onSeekRefused(offset))
  }

  #seek(offset: string): Outcome {
    this.#seekFrom = { ...this.#position, partial: undefined }
    this.#position = { offset, streamId: this.#position.streamId }
    this.#isProven = false
    if (this.isAtStart) {
      this.#isProven = true
      this.#seekFrom = undefined
      return 'moved'
    }
    // A backward seek could loop forever, and servers treat words such as `now` specially.
    if (!isPlausibleOffset(offset) || !isBefore(this.#seekFrom.offset, offset)) this.refuseSeek()
    return 'moved'
  }

  #call<Value>(run: (sink: BatchSink) => Value): Value {
    try {
      return run(this.#sink)
    } catch (error) {
      throw new SinkError(error)
    }
  }

  #describe(what: string): string {
    return `Reading ${this.#url} at offset ${this.#position.offset} failed: ${what}`
  }
}

function noOffset(url: string): string {
  const what = 'the response has no Stream-Next-Offset header: is this URL a stream?'
  return isCrossOrigin(url) ? `${what} ${corsHint}` : what
}

/** What to do where a browser hides headers. */
export const corsHint: string =
  'By the rules of CORS this page sees only what the server exposes to other origins: ' +
  `let it send "Access-Control-Expose-Headers: ${readHeaders}"`

/** Takes nothing: before the first `begin`. */
export const noSink: BatchSink = {
  onBatch: () => ({ type: 'continue' }),
  onSeekRefused: () => undefined,
  onRestart: () => undefined,
  onConnection: () => undefined,
  ready: () => Promise.resolve(),
}

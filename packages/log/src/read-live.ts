import { StreamDBError } from './errors.ts'
import { ConnectionError } from './http-error.ts'
import type { ReadResponse, Requests } from './requests.ts'
import type { Position } from './position.ts'
import { mergeEvents } from './sse-coalescer.ts'
import { sseParser } from './sse-events.ts'
import type { LiveBatch } from './sse-events.ts'

/** What to do behind a batch. */
export type Next = 'continue' | 'stop'

/** Which live connection is opened. */
export interface LiveRequest {
  readonly requests: Pick<Requests, 'read' | 'url'>
  readonly position: Position
  readonly signal: AbortSignal
  /** Called when the head arrives. */
  readonly onOpen: () => void
  /** Resolves when the next batch may come. */
  readonly ready: () => Promise<void>
  /** Called whenever something arrives, be it a comment. */
  readonly onActivity: () => void
  /** Asked about the first batch before it is taken; not of a handle of the application. */
  readonly checkFirst?: ((batch: LiveBatch) => Promise<Next>) | undefined
}

/** The runtime gives bodies only when they are complete, or the server does not speak SSE. */
export class SseUnsupported extends Error {
  override readonly name = 'SseUnsupported'
}

/**
 * Reads one SSE connection to its end. Gives its batches to `take`; ends the connection where that says `stop`. Resolves with
 * `ended` where the server ended it between two events.
 *
 * Our own parser, not the client's: that one stops while the page is hidden, makes a `Response` of every event, and is
 * not exported (docs/decisions). A handle of the application is read by the client all the same.
 */
export async function readLive(
  request: LiveRequest,
  take: (batch: LiveBatch) => Next,
): Promise<'ended' | 'stopped'> {
  const { requests, position, signal, onOpen, onActivity, checkFirst } = request
  const { offset, cursor } = position
  const response = await requests.read({ offset, live: 'sse', cursor, signal })
  const { contentType, streamId } = response.head
  if (contentType !== 'text/event-stream') {
    response.cancel()
    const what = `${requests.url}: received ${contentType ?? 'no content type'}, expected text/event-stream`
    throw new StreamDBError('unreachable', what)
  }
  onOpen()
  if (response.session !== undefined) return readSession(response.session, request, take)
  if (response.stream === undefined) {
    response.cancel()
    throw new SseUnsupported('This runtime gives no streams of bytes')
  }
  const parse = sseParser()
  let isFirst = true
  const texts = mergeEvents(response.stream, offset, onActivity)
  // In a frame that ends: what a quiet connection brought last is not to stay on the heap while it is.
  const takeNext = async (): Promise<'continue' | 'ended' | 'stopped'> => {
    const { done, value } = await texts.next()
    if (done === true) return 'ended'
    for (const batch of parse(value)) {
      const known = streamId === undefined ? batch : withStreamId(batch, streamId)
      if (isFirst && (await checkFirst?.(known)) === 'stop') return 'stopped'
      isFirst = false
      if (signal.aborted || take(known) === 'stop') return 'stopped'
      await request.ready()
    }
    return 'continue'
  }
  try {
    for (;;) {
      const next = await takeNext()
      if (next !== 'continue') return next
    }
  } finally {
    await texts.return()
  }
}

/** The head of a response applies to all of its events. */
function withStreamId(batch: LiveBatch, streamId: string): LiveBatch {
  return { ...batch, head: { ...batch.head, streamId: batch.head.streamId ?? streamId } }
}

/** Reads by the handle of an application, whose response the client parses. */
async function readSession(
  session: NonNullable<ReadResponse['session']>,
  { signal, onActivity }: LiveRequest,
  take: (batch: LiveBatch) => Next,
): Promise<'stopped'> {
  let isOver = false
  let thrown: unknown
  const unsubscribe = session.subscribeJson(({ items, offset, upToDate, streamClosed, cursor }) => {
    if (isOver || signal.aborted) return
    onActivity()
    const head = { offset, upToDate, closed: streamClosed, cursor, streamId: undefined }
    try {
      isOver = take({ items, head }) === 'stop'
    } catch (error) {
      // Not for the client to make sense of.
      thrown = error
      isOver = true
    }
    if (isOver) unsubscribe()
  })
  await session.closed.catch((cause: unknown) => {
    throw new ConnectionError(cause)
  })
  // What the client delivers yet is read by page; and the connection may be open, where the client only paused.
  isOver = true
  unsubscribe()
  // As it was thrown: a StreamDBError, or the fault of a program.
  if (thrown !== undefined) throw thrown as Error
  return 'stopped'
}

import type { ScriptedHandler } from './scripted-server.ts'
import type { ScriptedReply } from './scripted-reply.ts'

export interface BatchHandlerOptions {
  /** How many batches a catch-up read gives, one a page; the others come by the live read. All unless told. */
  readonly catchUp?: number | undefined
  /** Closes the stream behind the last batch. */
  readonly closed?: boolean | undefined
}

/**
 * Serves a log exactly as it is cut: each batch is one page, one long-poll response or one SSE data event.
 *
 * The offset behind batch n is `n`, so a reader that asks for an offset again gets the same batches again. Live
 * batches come one after the other, as if each were appended when the one before it was read: all are up to date.
 */
export function batchHandler(
  batches: readonly (readonly unknown[])[],
  options: BatchHandlerOptions = {},
): ScriptedHandler {
  const last = batches.length
  const { catchUp = last, closed = false } = options

  function page(reply: ScriptedReply, at: number, end: number): void {
    const next = Math.min(at + 1, end)
    reply.page({
      items: batches[at] ?? [],
      nextOffset: String(next),
      upToDate: next === end,
      closed: closed && next === last,
    })
  }

  function live(reply: ScriptedReply, at: number): void {
    const sse = reply.sse()
    if (at === last) sse.control({ nextOffset: String(at), closed })
    for (const [index, items] of batches.entries()) {
      if (index >= at)
        sse.data(items).control({ nextOffset: String(index + 1), closed: closed && index + 1 === last })
    }
    if (closed) sse.end()
  }

  return (request, reply) => {
    const at = request.offset === undefined || request.offset === '-1' ? 0 : Number(request.offset)
    if (request.live === 'sse') return live(reply, at)
    if (request.live === undefined) {
      if (at < catchUp) return page(reply, at, catchUp)
      return reply.page({ nextOffset: String(at), upToDate: true, closed: closed && at === last })
    }
    if (at < last) return page(reply, at, at + 1)
    return closed ? reply.noContent({ nextOffset: String(at), closed }) : reply.hang()
  }
}

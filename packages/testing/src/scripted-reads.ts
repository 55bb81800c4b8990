import { offsetOf } from './scripted-log.ts'
import type { ScriptedLog } from './scripted-log.ts'

/** One read of a scripted log. */
export interface ScriptedRead {
  readonly log: ScriptedLog
  /** Where it begins. */
  readonly index: number
  readonly signal: AbortSignal
  /** What breaks off the reads that wait. */
  readonly open: Set<(error: TypeError) => void>
}

/** Answers with the batch at the place of the reader: behind the last one at once, or when the one that it promises is there. */
export async function readPage(read: ScriptedRead): Promise<Response> {
  const { log, index } = read
  if (index >= log.length && !log.isComplete) await untilCut(read, (signal) => log.waitFor(index, signal))
  return pageAt(log, index)
}

/** Answers a live read: by SSE, which continues until it is cut, or by a long-poll, which waits for one batch. */
export async function readLive(read: ScriptedRead, live: string): Promise<Response> {
  const { log, index } = read
  if (live === 'sse') return sse(read)
  if (index >= log.length && !log.isClosed) await untilCut(read, (signal) => log.waitFor(index, signal))
  return pageAt(log, index)
}

function pageAt(log: ScriptedLog, index: number): Response {
  const batch = log.at(index)
  const next = Math.min(batch === undefined ? index : index + 1, log.length)
  const isUpToDate = next === log.length && batch?.more !== true
  const headers = {
    'content-type': 'application/json',
    'stream-next-offset': offsetOf(next),
    ...(isUpToDate && { 'stream-up-to-date': 'true' }),
    ...(log.isClosed && next === log.length && { 'stream-closed': 'true' }),
  }
  return new Response(JSON.stringify(batch?.items ?? []), { headers })
}

function sse({ log, index, signal, open }: ScriptedRead): Response {
  const encoder = new TextEncoder()
  let at = index
  let end = (): void => undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string): void => controller.enqueue(encoder.encode(text))
      const fail = (error: TypeError): void => {
        end()
        controller.error(error)
      }
      const onAbort = (): void => fail(new TypeError('aborted'))
      const writeNew = (): void => {
        for (let batch = log.at(at); batch !== undefined; batch = log.at(++at)) {
          const isUpToDate = at + 1 === log.length && !batch.more
          write(`event: data\ndata: ${JSON.stringify(batch.items)}\n\n`)
          write(controlAt(at + 1, isUpToDate, log.isClosed && at + 1 === log.length))
        }
        if (!log.isClosed) return
        if (at === index) write(controlAt(at, true, true))
        end()
        controller.close()
      }
      const unsubscribe = log.subscribe(writeNew)
      end = () => {
        unsubscribe()
        open.delete(fail)
        signal.removeEventListener('abort', onAbort)
      }
      open.add(fail)
      signal.addEventListener('abort', onAbort)
      // A server says at once where it is.
      if (at >= log.length && !log.isClosed) write(controlAt(at, log.isComplete, false))
      writeNew()
    },
    cancel: () => end(),
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

function controlAt(index: number, isUpToDate: boolean, isClosed: boolean): string {
  const control = {
    streamNextOffset: offsetOf(index),
    ...(isClosed ? { streamClosed: true } : isUpToDate && { upToDate: true }),
  }
  return `event: control\ndata: ${JSON.stringify(control)}\n\n`
}

/** Waits, unless the read is cut meanwhile. */
async function untilCut(
  { signal, open }: ScriptedRead,
  wait: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const broken = new AbortController()
  const onAbort = (): void => broken.abort(signal.reason)
  const fail = (error: TypeError): void => broken.abort(error)
  open.add(fail)
  signal.addEventListener('abort', onAbort)
  try {
    await wait(broken.signal)
  } finally {
    open.delete(fail)
    signal.removeEventListener('abort', onAbort)
  }
}

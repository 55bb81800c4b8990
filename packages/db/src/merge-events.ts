import { turn } from './pace.ts'

/**
 * Merges the events that a body of server-sent events brings in one turn of the event loop, so that they are one batch.
 *
 * The client makes a `Response` of every data event, and reads that; in a burst this is most of what an event costs.
 */
export function mergeEvents(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  const unify = unifyLineEnds()
  let next = reader.read()
  let text = ''

  /** Waits for a piece, and takes what else comes in this turn; says whether the body has ended. */
  async function gather(): Promise<boolean> {
    let result: Awaited<typeof next> | undefined = await next
    const turned = turn().then(() => undefined)
    const pieces: string[] = []
    while (result !== undefined && !result.done) {
      pieces.push(decoder.decode(result.value, { stream: true }))
      next = reader.read()
      // An error is for the next round: what came before it is whole.
      const more = next.catch(() => undefined)
      result = await Promise.race([more, turned])
    }
    text += unify(pieces.join(''))
    return result?.done === true
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const ended = await gather()
          const end = text.lastIndexOf('\n\n') + 2
          if (end > 1) {
            controller.enqueue(encoder.encode(merge(text.slice(0, end))))
            text = text.slice(end)
            return
          }
          // What is left is no whole event, and nobody's (FAULTS F-net-8).
          if (ended) return controller.close()
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/** Merges runs of data events that are each followed by a control event. All else stays as it is, where it is. */
export function merge(text: string): string {
  const merged: string[] = []
  // Whole runs, as they came and as items; then data that no control event has followed yet.
  let run: Run = { events: [], items: [], count: 0 }
  let open: Run = { events: [], items: [], count: 0 }
  const flush = (): void => {
    if (run.count > 1) merged.push(`event: data\ndata: [${run.items.join(',')}]`, run.events.at(-1) ?? '')
    else merged.push(...run.events)
    merged.push(...open.events)
    run = { events: [], items: [], count: 0 }
    open = { events: [], items: [], count: 0 }
  }
  for (const event of text.split('\n\n')) {
    const items = itemsOf(event)
    open.events.push(event)
    if (items !== undefined) {
      if (items !== '') open.items.push(items)
      open.count++
    } else if (open.count > 0 && isOf(event, 'control')) {
      run.events.push(...open.events)
      run.items.push(...open.items)
      run.count++
      open = { events: [], items: [], count: 0 }
    } else {
      flush()
    }
  }
  flush()
  return merged.join('\n\n')
}

/** Events in a row: as they came, what their arrays hold, and how many they are. */
interface Run {
  readonly events: string[]
  readonly items: string[]
  count: number
}

function isOf(event: string, type: 'data' | 'control'): boolean {
  return new RegExp(`(^|\\n)event: ?${type}(\\n|$)`).test(event)
}

/** Returns what stands between the brackets of a data event's array; `undefined` for any other event. */
function itemsOf(event: string): string | undefined {
  if (!isOf(event, 'data')) return undefined
  const lines = event.split('\n').filter((line) => line.startsWith('data:'))
  // Between JSON's tokens a blank is as good as the end of a line.
  const json = lines
    .map((line) => line.slice(5))
    .join(' ')
    .trim()
  return json.startsWith('[') && json.endsWith(']') ? json.slice(1, -1).trim() : undefined
}

/** Returns what makes all line ends of a text that comes in pieces `\n`: `\r\n` may be cut in the middle. */
function unifyLineEnds(): (piece: string) => string {
  let returned = false
  return (piece) => {
    const rest = returned && piece.startsWith('\n') ? piece.slice(1) : piece
    if (piece !== '') returned = piece.endsWith('\r')
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest
  }
}

import { ConnectionError } from './http-error.ts'
import { isBefore } from './offsets.ts'
import { turn } from './scheduler.ts'
import { parseEvent, tooLargeLiveEvent } from './sse-events.ts'
import { maxLiveEvent } from './too-large-item.ts'

/** A piece of no more bytes is most likely one event, and no part of a burst: it need not wait for others. */
const small = 1024

/**
 * Merges the events that a body of server-sent events brings in one turn of the event loop, so that a burst is one
 * batch: one call of `JSON.parse` and one publication, where every event by itself costs both. Gives whole events only.
 *
 * `offset`: where the body begins. `onActivity` is called for every piece, comments too. Throws `unreachable` where an event
 * is larger than `limit` characters: a server that never ends one is not to fill the memory.
 */
export async function* mergeEvents(
  body: ReadableStream<Uint8Array>,
  offset: string,
  onActivity?: () => void,
  limit: number = maxLiveEvent,
): AsyncGenerator<string, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const unify = lineEndUnifier()
  const merge = eventMerger(offset)
  let next = read()
  // Of an event that has not ended; joined once, as it may be large.
  let held: string[] = []
  let heldSize = 0
  let endsInNewline = false
  let isDone = false
  // Emptied before each wait: what a quiet connection brought last is not to stay on the heap.
  let piece = ''

  function read(): ReturnType<typeof reader.read> {
    const result = reader.read().catch((cause: unknown) => {
      throw new ConnectionError(cause)
    })
    // The error surfaces where the result is awaited; an abandoned response must not cause an unhandled rejection.
    result.catch(() => undefined)
    return result
  }

  /** Waits for a piece and, in a burst, takes what else comes in this turn. */
  async function gather(): Promise<string> {
    let result: Awaited<typeof next> | undefined = await next
    const turned = Number(result.value?.byteLength) > small ? turn() : undefined
    const pieces: string[] = []
    while (result !== undefined && !result.done) {
      onActivity?.()
      pieces.push(decoder.decode(result.value, { stream: true }))
      next = read()
      // An error is for the next round: what came before it is whole. What is small goes on at once.
      result = turned && (await Promise.race([next.catch(() => undefined), turned]))
    }
    isDone = result?.done === true
    return unify(pieces.join(''))
  }

  try {
    while (!isDone) {
      piece = await gather()
      // Behind the last blank line: in the piece, or between it and what is held.
      const end = piece.lastIndexOf('\n\n') + 2
      const cut = end > 1 ? end : endsInNewline && piece.startsWith('\n') ? 1 : 0
      if (piece !== '') endsInNewline = piece.endsWith('\n')
      if (cut > 0) {
        yield merge(held.join('') + piece.slice(0, cut))
        held = []
        heldSize = 0
      }
      if (cut < piece.length) held.push(piece.slice(cut))
      heldSize += piece.length - cut
      if (heldSize > limit) throw tooLargeLiveEvent(limit)
      piece = ''
    }
    // An incomplete last event is dropped; it is delivered again after reconnecting (SPEC F-net-8).
  } finally {
    if (!isDone) void reader.cancel().catch(() => undefined)
  }
}

/**
 * Returns what merges events: data that a control event follows, which leads on from the one before.
 *
 * All else stays as it is, where it is: data that is delivered again, and an offset without its data, are for the
 * reader to see.
 */
export function eventMerger(offset: string): (text: string) => string {
  let reached = offset
  return (text) => {
    // One control event has no other to be merged with; most often that is all there is.
    const at = text.indexOf(nextOffset)
    if (at === text.lastIndexOf(nextOffset)) {
      if (at !== -1) reached = offsetOf(eventAround(text, at)) ?? reached
      return text
    }
    const events = text.split('\n\n')
    const merged: string[] = []
    let run = new Run()
    let open = new Run()
    for (const event of events) {
      open.events.push(event)
      const items = itemsOf(event)
      if (items !== undefined) {
        open.items.push(...items)
        // Without an item it is an offset without its data.
        open.hasData ||= items.length > 0
        continue
      }
      const next = offsetOf(event)
      const leadsOn = next !== undefined && open.hasData && isBefore(reached, next)
      reached = next ?? reached
      if (leadsOn) {
        run.add(open)
      } else {
        merged.push(...run.text(), ...open.events)
        run = new Run()
      }
      open = new Run()
    }
    return [...merged, ...run.text(), ...open.events].join('\n\n')
  }
}

/** Events in a row: as they came, and what their arrays hold. */
class Run {
  readonly events: string[] = []
  readonly items: string[] = []
  hasData = false
  #runs = 0

  add({ events, items }: Run): void {
    this.events.push(...events)
    this.items.push(...items)
    this.#runs++
  }

  /** One data event for all, and the last control event. */
  text(): readonly string[] {
    if (this.#runs < 2) return this.events
    return [`event: data\ndata: [${this.items.join(',')}]`, ...this.events.slice(-1)]
  }
}

const nextOffset = '"streamNextOffset"'

function eventAround(text: string, index: number): string {
  const before = text.lastIndexOf('\n\n', index)
  const end = text.indexOf('\n\n', index)
  return text.slice(before === -1 ? 0 : before + 2, end === -1 ? undefined : end)
}

/** Returns what stands between the brackets of a data event's array, if anything. */
function itemsOf(event: string): readonly string[] | undefined {
  const { type, json } = parseEvent(event)
  if (type !== 'data') return undefined
  // Between JSON's tokens a blank is as good as the end of a line.
  const array = json.replaceAll('\n', ' ').trim()
  if (!array.startsWith('[') || !array.endsWith(']')) return undefined
  const items = array.slice(1, -1).trim()
  return items === '' ? [] : [items]
}

/** Parsed, not sliced: a slice would keep the whole text on the heap, and so would a regular expression's last match. */
function offsetOf(event: string): string | undefined {
  const { type, json } = parseEvent(event)
  if (type !== 'control') return undefined
  try {
    const { streamNextOffset: offset } = Object(JSON.parse(json)) as { streamNextOffset?: unknown } // of which nothing is known
    return typeof offset === 'string' ? offset : undefined
  } catch {
    // For the reader to see.
    return undefined
  }
}

/** Returns what makes all line ends of a text that comes in pieces `\n`: `\r\n` may be cut in the middle. */
function lineEndUnifier(): (piece: string) => string {
  let returned = false
  return (piece) => {
    const rest = returned && piece.startsWith('\n') ? piece.slice(1) : piece
    if (piece !== '') returned = piece.endsWith('\r')
    return rest.includes('\r') ? rest.replace(/\r\n?/g, '\n') : rest
  }
}

import type { Attachments } from '../attachments.ts'
import type { Approval, Part } from '../rows.ts'
import type { MessageView } from '../thread.ts'
import { outputOf } from '../tool-outputs.ts'
import { textOf } from './chunk.ts'
import type { Chunk } from './chunk.ts'
import { marksOf } from './marks.ts'
import { chunksOfPart } from './part-chunks.ts'
import type { PlacedChunk } from './part-chunks.ts'

/** The collections that a message's chunks are made of, beside its parts. */
export interface ChunkSource {
  readonly collections: {
    readonly approvals: { values(): Iterable<Approval> }
    readonly attachments: { has(id: string): boolean }
  }
  readonly attachments: Pick<Attachments, 'url' | 'knownJson'>
}

/** Returns the id that a message has in the toolkit: that which its stream gave it, or its own. */
export function uiIdOf({ message, parts }: Pick<MessageView, 'message' | 'parts'>): string {
  for (const part of parts) {
    if (part.kind !== 'raw') continue
    for (const mark of marksOf(part) ?? []) {
      if (mark.type === 'start') return textOf(mark, 'messageId') || message.id
    }
  }
  return message.id
}

/**
 * Reads the chunks of a message that is being written: each call of `next` returns what came since the last one, in the order
 * of the stream. The first chunk is a `start` that names the message.
 */
export class MessageChunks {
  readonly #source: ChunkSource
  readonly #textOf: (part: Part) => string
  readonly #isWanted: (placed: PlacedChunk, part: Part) => boolean
  readonly #read = new Map<string, { row: Part; sent: number; readonly keys: Set<string> }>()
  #hasStarted = false

  /** `isWanted`: leaves out what somebody has already, of a message that goes on. */
  constructor(
    source: ChunkSource,
    textOf: (part: Part) => string,
    isWanted: (placed: PlacedChunk, part: Part) => boolean = () => true,
  ) {
    this.#source = source
    this.#textOf = textOf
    this.#isWanted = isWanted
  }

  /** Whether something of the message was read. */
  get hasStarted(): boolean {
    return this.#hasStarted
  }

  /** Tells whether what was read of it is no longer in it: it is written anew. */
  isReplaced({ parts }: MessageView): boolean {
    if (this.#read.size === 0) return false
    const ids = new Set(parts.map(({ id }) => id))
    return [...this.#read].some(([id, { keys }]) => keys.size > 0 && !ids.has(id))
  }

  next(view: MessageView): Chunk[] {
    const { approvals, attachments } = this.#source.collections
    const placed: PlacedChunk[] = []
    const places = placesOf(view.parts)
    for (const [index, part] of view.parts.entries()) {
      const known = this.#read.get(part.id) ?? { row: part, sent: 0, keys: new Set<string>() }
      const isUnchanged = this.#read.has(part.id) && known.row === part && part.state !== 'streaming'
      // An approval that was decided changes no row of its tool call.
      if (isUnchanged && part.toolState !== 'awaiting-approval') continue
      this.#read.set(part.id, known)
      known.row = part
      const text = this.#textOf(part)
      const context = {
        ...{ text, from: known.sent, at: places[index] ?? Infinity },
        approvals: part.kind === 'tool-call' ? approvals.values() : [],
        urlOf: (id: string) => (attachments.has(id) ? this.#source.attachments.url(id) : undefined),
        outputOf: (each: Part) => outputOf(each, this.#source.attachments),
      }
      for (const each of chunksOfPart(part, context)) {
        if (known.keys.has(each.key)) continue
        known.keys.add(each.key)
        if (this.#isWanted(each, part)) placed.push(each)
      }
      known.sent = Math.max(known.sent, text.length)
    }
    // Of what is at one place, the order of its part counts.
    placed.sort((a, b) => (a.at === b.at ? 0 : a.at - b.at))
    return this.#started(
      view,
      placed.map(({ chunk }) => chunk),
    )
  }

  #started(view: MessageView, chunks: Chunk[]): Chunk[] {
    const [first, ...rest] = chunks
    if (this.#hasStarted || first === undefined) return chunks
    this.#hasStarted = true
    const messageId = uiIdOf(view)
    if (first.type !== 'start') return [{ type: 'start', messageId }, ...chunks]
    return [{ ...first, messageId: first['messageId'] ?? messageId }, ...rest]
  }
}

/** Returns all of the chunks of a message, as it is now. */
export function chunksOfMessage(view: MessageView, source: ChunkSource): Chunk[] {
  return new MessageChunks(source, ({ text = '' }) => text).next(view)
}

/** Returns the places of the parts that another writer than this adapter wrote: before the next part of this one. */
function placesOf(parts: readonly Part[]): readonly number[] {
  let next = Infinity
  return parts
    .map((part): number => {
      const marks = marksOf(part)
      return marks === undefined ? NaN : (marks[0]?.at ?? NaN)
    })
    .reverse()
    .map((at) => {
      if (Number.isNaN(at)) return next === Infinity ? Infinity : next - 0.25
      next = at
      return at
    })
    .reverse()
}

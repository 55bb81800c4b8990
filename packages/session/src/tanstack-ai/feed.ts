import type { UIMessage } from '@tanstack/ai/client'
import type { MessageView } from '../thread.ts'
import type { Chunk } from './chunk.ts'
import type { Conversation } from './conversation.ts'
import { interruptsOf, isIntermediate, isTerminal } from './interrupts.ts'
import { RunCursor } from './run-cursor.ts'
import { textOfMessage, toSnapshot } from './ui-messages.ts'

/**
 * Makes the events that bring a client to what the session says: all messages at first, then runs as they go on, and messages
 * as they come. It holds no event: each is made from rows when the client takes it, so that one who is slow gets what came
 * meanwhile in one piece (SPEC A46).
 */
export class Feed {
  readonly #conversation: Conversation
  readonly #cursors = new Map<string, RunCursor>()
  /** The messages that the client has. */
  readonly #delivered = new Set<string>()
  #seen: readonly MessageView[] | undefined
  #mustSync = true
  /** Ends of runs of others, while the client waits for its own: it would take any end for that of its own. */
  #ends: Chunk[] = []
  /** By an end, the run whose end it is. */
  readonly #runs = new WeakMap<Chunk, string>()
  /** A run has ended since: the client would take what comes without a message of its own for more of the last one. */
  #isLeftOver = false

  constructor(conversation: Conversation) {
    this.#conversation = conversation
  }

  /** Makes the next events begin with all messages. */
  sync(): void {
    this.#mustSync = true
  }

  /** The client has this message already. */
  has(message: string): boolean {
    return this.#delivered.has(message)
  }

  markDelivered(message: string): void {
    this.#delivered.add(message)
  }

  /** Whether there is more to come of a run; of any, without one. */
  isGiving(run?: string): boolean {
    if (this.#mustSync) return true
    return [...this.#cursors.values()].some(
      (cursor) => !cursor.isGivenUp && (run === undefined || cursor.run === run),
    )
  }

  /** Returns the events that have come since. */
  take(): Chunk[] {
    const shown = this.#conversation.shown()
    const chunks: Chunk[] = []
    if (this.#conversation.takeRefreshed() && this.#cursors.size === 0) this.#mustSync = true
    if (shown !== this.#seen) this.#notice(shown, chunks)
    this.#seen = shown
    for (const cursor of this.#cursors.values()) if (cursor.isStale()) this.#mustSync = true
    chunks.push(...this.#releaseEnds())
    if (this.#mustSync) chunks.push(...this.#takeAll(shown))
    for (const [id, cursor] of this.#cursors) {
      chunks.push(...this.#withOwnSnapshots(this.#withoutEnds(cursor)))
      if (!cursor.isOver) continue
      this.#cursors.delete(id)
      this.#isLeftOver = true
      // Files have no event.
      const view = this.#conversation.session.message(cursor.message)
      if (view?.parts.some(({ kind }) => kind === 'file') === true) this.#mustSync = true
    }
    return this.#mustSync && chunks.length > 0 && this.#cursors.size === 0
      ? [...chunks, ...this.#takeAll(shown)]
      : chunks
  }

  /** Keeps back the ends of runs among events that the client has not taken, as it waits for its own from now on. */
  keepEnds(chunks: readonly Chunk[]): Chunk[] {
    this.#ends.push(...chunks.filter(isEnd))
    return chunks.filter((chunk) => !isEnd(chunk))
  }

  #releaseEnds(): Chunk[] {
    const { awaits } = this.#conversation
    const isFree = (end: Chunk): boolean => awaits === undefined || awaits(this.#runs.get(end) ?? '')
    const free = this.#ends.filter(isFree)
    if (free.length > 0) this.#ends = this.#ends.filter((end) => !isFree(end))
    return free
  }

  #withoutEnds(cursor: RunCursor): Chunk[] {
    const chunks = cursor.take()
    for (const chunk of chunks) if (isEnd(chunk)) this.#runs.set(chunk, cursor.run)
    const { awaits } = this.#conversation
    return awaits === undefined || awaits(cursor.run) ? chunks : this.keepEnds(chunks)
  }

  /** Looks for messages that the client does not have, and for those that are no longer there. */
  #notice(shown: readonly MessageView[], chunks: Chunk[]): void {
    if (this.#mustSync) return
    const ids = new Set(shown.map(({ message }) => message.id))
    for (const id of this.#delivered) if (!ids.has(id)) this.#mustSync = true
    for (const view of shown) {
      const { id, run } = view.message
      if (this.#delivered.has(id)) continue
      const row = run === undefined ? undefined : this.#conversation.session.run(run)
      if (row !== undefined) this.#cursors.set(row.id, new RunCursor(this.#conversation, row))
      else if (this.#cursors.size === 0) this.#mustSync = true
      else this.#noticeMeanwhile(view, chunks)
      this.#delivered.add(id)
    }
  }

  /** A message that comes while an answer streams is said by events, where it can be: the answer is not to flicker. */
  #noticeMeanwhile(view: MessageView, chunks: Chunk[]): void {
    const { id: messageId, role } = view.message
    const text = textOfMessage(view)
    if (text === undefined || role === 'assistant') {
      this.#mustSync = true
      return
    }
    chunks.push(
      { type: 'TEXT_MESSAGE_START', messageId, role },
      { type: 'TEXT_MESSAGE_CONTENT', messageId, delta: text },
      { type: 'TEXT_MESSAGE_END', messageId },
    )
  }

  /** Begins anew: all messages as they are, and the runs that are going on from their beginning. */
  #takeAll(shown: readonly MessageView[]): Chunk[] {
    this.#mustSync = false
    this.#isLeftOver = false
    // Their ends are told of: the client would take them for runs that go on.
    const ends = [
      ...this.#ends.splice(0),
      ...[...this.#cursors.values()].flatMap((cursor) => cursor.take()).filter(isEnd),
    ]
    this.#cursors.clear()
    this.#delivered.clear()
    for (const view of shown) {
      this.#delivered.add(view.message.id)
      const run = this.#conversation.activeRun(view)
      if (run !== undefined) this.#cursors.set(run.id, new RunCursor(this.#conversation, run))
    }
    return [...ends, toSnapshot(this.#messages(shown, false))]
  }

  /** What streams is given by its events: in the messages it has its place, where others follow. */
  #messages(shown: readonly MessageView[], withActive: boolean): UIMessage[] {
    const messages: UIMessage[] = []
    let places: UIMessage[] = []
    for (const view of shown) {
      const own = this.#conversation.uiMessages(view)
      if (!withActive && this.#conversation.activeRun(view) !== undefined) {
        places.push(...own.map((message) => ({ ...message, parts: [] })))
        continue
      }
      messages.push(...places, ...own)
      places = []
    }
    messages.push(...this.#conversation.unsent)
    return messages
  }

  /** A model's messages are not those of the session; and some events need the client to forget the last answer. */
  #withOwnSnapshots(chunks: readonly Chunk[]): Chunk[] {
    return chunks.flatMap((chunk): Chunk[] => {
      if (chunk.type === 'MESSAGES_SNAPSHOT') {
        return [{ ...chunk, messages: this.#messages(this.#conversation.shown(), true) }]
      }
      if (!this.#isLeftOver || !isContent(chunk)) return [chunk]
      this.#isLeftOver = false
      const isForeign = chunk.type !== 'TEXT_MESSAGE_START' && typeof chunk['parentMessageId'] !== 'string'
      return isForeign && this.#cursors.size === 1
        ? [toSnapshot(this.#messages(this.#conversation.shown(), false)), chunk]
        : [chunk]
    })
  }
}

const withoutContent: ReadonlySet<string> = new Set([
  'RUN_STARTED',
  'RUN_FINISHED',
  'STATE_SNAPSHOT',
  'STATE_DELTA',
])

function isContent({ type }: Chunk): boolean {
  return !withoutContent.has(type)
}

function isEnd(chunk: Chunk): boolean {
  return isTerminal(chunk) && !isIntermediate(chunk) && interruptsOf(chunk).length === 0
}

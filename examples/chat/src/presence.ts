import type { Database } from './database.ts'
import { state } from './state.ts'
import type { Message } from './state.ts'

/** How long somebody counts as writing after the last note of it, in milliseconds. */
const typingDuration = 6_000
/** The shortest time between two such notes, in milliseconds. */
const typingInterval = 3_000

/**
 * Tells the room that its user is writing, and how far the user has read.
 *
 * Plain appends, not transactions: there is nothing to show before they are stored and nothing to undo, and a note that
 * cannot be sent now is out of date when it can.
 */
export class Presence {
  readonly #db: Database
  readonly #me: string
  #notedAt = 0
  #readUntil = 0

  constructor(db: Database, me: string) {
    this.#db = db
    this.#me = me
  }

  /** The user has pressed a key. */
  writes(): void {
    const now = Date.now()
    if (now - this.#notedAt < typingInterval) return
    this.#notedAt = now
    this.#append(state.typing.upsert({ value: { userId: this.#me, until: now + typingDuration } }))
  }

  /** The user has sent or emptied the text. */
  stops(): void {
    if (this.#notedAt === 0) return
    this.#notedAt = 0
    this.#append(state.typing.delete({ key: this.#me }))
  }

  /** The user has seen everything up to `message`. */
  reads({ id: messageId, sentAt: readUntil }: Pick<Message, 'id' | 'sentAt'>): void {
    if (readUntil <= this.#readUntil) return
    this.#readUntil = readUntil
    this.#append(state.receipts.upsert({ value: { userId: this.#me, messageId, readUntil } }), () => {
      this.#readUntil = 0
    })
  }

  #append(event: object, onFailed?: () => void): void {
    if (this.#db.status.name !== 'live') return onFailed?.()
    const signal = AbortSignal.timeout(5_000)
    this.#db.stream.append(JSON.stringify(event), { signal }).catch(() => onFailed?.())
  }
}

import type { Database } from './database.ts'
import { state } from './state.ts'
import type { Message } from './state.ts'

/** How long somebody counts as writing after the last word of it, in milliseconds. */
const lasts = 6_000
/** Not every key is told: once in so long is enough. */
const pause = 3_000

/**
 * Tells the room what its user does: writes, reads.
 *
 * Plain appends, not transactions: nothing of it is shown here before it is there, nothing of it is to be undone, and
 * what does not get through now is out of date.
 */
export class Presence {
  readonly #db: Database
  readonly #me: string
  #toldAt = 0
  #readUntil = 0

  constructor(db: Database, me: string) {
    this.#db = db
    this.#me = me
  }

  /** The user has pressed a key. */
  writes(): void {
    const now = Date.now()
    if (now - this.#toldAt < pause) return
    this.#toldAt = now
    this.#tell(state.typing.upsert({ value: { userId: this.#me, until: now + lasts } }))
  }

  /** The user has sent it, or thrown it away. */
  stops(): void {
    if (this.#toldAt === 0) return
    this.#toldAt = 0
    this.#tell(state.typing.delete({ key: this.#me }))
  }

  /** The user has seen everything down to `message`. */
  reads({ id: messageId, sentAt: readUntil }: Pick<Message, 'id' | 'sentAt'>): void {
    if (readUntil <= this.#readUntil) return
    this.#readUntil = readUntil
    this.#tell(state.receipts.upsert({ value: { userId: this.#me, messageId, readUntil } }), () => {
      this.#readUntil = 0
    })
  }

  #tell(event: object, onFailed?: () => void): void {
    if (this.#db.status.name !== 'live') return onFailed?.()
    const signal = AbortSignal.timeout(5_000)
    this.#db.stream.append(JSON.stringify(event), { signal }).catch(() => onFailed?.())
  }
}

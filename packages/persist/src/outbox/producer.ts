import type { ProducerSequence } from '@streamdb/log'

/** Numbers the messages of a tab that leads. */
export class Producer {
  readonly #id: string
  readonly #epoch: number
  #generation = 0
  #seq = 0

  /** `id`: of the store, the same one whoever leads; so a server refuses whoever led before. */
  constructor(id: string, epoch: number) {
    this.#id = id
    this.#epoch = epoch
  }

  /** Returns what the next message is told by. */
  next(): ProducerSequence {
    return { id: this.#name, epoch: this.#epoch, seq: this.#seq++ }
  }

  /** Nothing was sent under this number: it is the next one. */
  putBack({ id, epoch, seq }: ProducerSequence): void {
    if (id === this.#name && epoch === this.#epoch && seq === this.#seq - 1) this.#seq = seq
  }

  /**
   * Begins anew under another id where a message of this producer was refused: a delayed copy of it may use its number yet, and
   * the next message would count as stored.
   */
  renewAfter({ id, epoch }: ProducerSequence): void {
    if (id !== this.#name || epoch !== this.#epoch) return
    this.#generation++
    this.#seq = 0
  }

  get #name(): string {
    return this.#generation === 0 ? this.#id : `${this.#id}.${this.#generation}`
  }
}

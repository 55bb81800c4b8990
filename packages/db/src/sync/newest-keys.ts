import type { ChangeEvent } from '@streamdb/state'

/**
 * The keys of the rows that are among the newest: those that a source delivered as such, and those that were inserted since.
 * A row that is there as it was updated since may be an old one, and is none of them. What writers put without saying whether
 * it is new (`upsert`) is new where it was deleted before.
 */
export class NewestKeys {
  readonly #keys: Set<string>
  readonly #deleted = new Set<string>()

  constructor(delivered: Iterable<string>) {
    this.#keys = new Set(delivered)
  }

  get size(): number {
    return this.#keys.size
  }

  /** Adds rows that come before those that there are. */
  add(keys: Iterable<string>): void {
    for (const key of keys) this.#keys.add(key)
  }

  /** Takes note of what the log says of a row. */
  note({ key, headers: { operation } }: ChangeEvent): void {
    if (operation === 'delete') {
      this.#keys.delete(key)
      this.#deleted.add(key)
    } else if (operation === 'insert' || this.#deleted.delete(key)) this.#keys.add(key)
  }
}

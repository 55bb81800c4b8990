import type { OutboxChange, StoredWrite } from '@streamdb/log'

type Changed =
  | { readonly type: 'put' | 'update'; readonly write: StoredWrite }
  | { readonly type: 'remove'; readonly wasPut: boolean }

/** What is to be changed in an outbox, gathered until the store takes it: one transaction for a thousand writes. */
export class OutboxChanges {
  readonly #changed = new Map<string, Changed>()
  readonly #notes = new Map<string, unknown>()

  get isEmpty(): boolean {
    return this.#changed.size === 0 && this.#notes.size === 0
  }

  /** Adds a write. */
  put(write: StoredWrite): void {
    this.#changed.set(write.txid, { type: 'put', write })
  }

  /** Replaces a write; one that is not added yet is added as it is now. */
  update(write: StoredWrite): void {
    const had = this.#changed.get(write.txid)
    if (had?.type === 'remove') return
    this.#changed.set(write.txid, { type: had === undefined ? 'update' : had.type, write })
  }

  remove(txid: string): void {
    const had = this.#changed.get(txid)
    this.#changed.set(txid, { type: 'remove', wasPut: had?.type === 'put' })
  }

  note(name: string, value: unknown): void {
    this.#notes.set(name, value)
  }

  /** Whether something of a write is to be changed. */
  has(txid: string): boolean {
    return this.#changed.has(txid)
  }

  /** The writes that are to be added. */
  get added(): readonly StoredWrite[] {
    return [...this.#changed.values()].flatMap((changed) => (changed.type === 'put' ? [changed.write] : []))
  }

  /** Takes everything out, as one change. */
  take(): OutboxChange {
    const put: StoredWrite[] = []
    const update: StoredWrite[] = []
    const remove: string[] = []
    for (const [txid, changed] of this.#changed) {
      if (changed.type === 'put') put.push(changed.write)
      else if (changed.type === 'update') update.push(changed.write)
      else if (changed.type === 'remove' && !changed.wasPut) remove.push(txid)
    }
    const notes = Object.fromEntries(this.#notes)
    this.#changed.clear()
    this.#notes.clear()
    return { put, update, remove, notes }
  }

  /** Puts back what a transaction did not add, where it was not changed since. What it updated is for another tab to say. */
  putBack({ put = [], notes = {} }: OutboxChange): void {
    for (const write of put) {
      const since = this.#changed.get(write.txid)
      if (since === undefined) this.put(write)
      else if (since.type === 'remove') this.#changed.delete(write.txid)
      else this.put(since.write)
    }
    for (const [name, value] of Object.entries(notes)) if (!this.#notes.has(name)) this.note(name, value)
  }
}

/** Whether a change says something to other tabs: more than how far a write has come. */
export function isNews({ put = [], update = [], remove = [] }: OutboxChange): boolean {
  return (
    put.length > 0 ||
    remove.length > 0 ||
    update.some(
      ({ state }) => state.name === 'refused' || state.name === 'withdrawn' || state.name === 'queued',
    )
  )
}

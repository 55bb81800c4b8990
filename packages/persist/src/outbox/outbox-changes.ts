import type { OutboxChange, StoredWrite } from '@streamdb/log'

type Changed =
  /** `replaces`: the txid of a refused write whose place it takes, where no other tab has decided about that. */
  | { readonly type: 'put'; readonly write: StoredWrite; readonly replaces?: string | undefined }
  | { readonly type: 'update'; readonly write: StoredWrite }
  | { readonly type: 'remove'; readonly wasPut: boolean }
  /** Removes a write that is refused, where no other tab has decided otherwise. */
  | { readonly type: 'discard' }

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

  /** Adds a write in place of a refused one. */
  replace(txid: string, write: StoredWrite): void {
    // What is not stored yet of that one is known here alone: nobody else can have decided about it.
    const isShared = !this.#changed.has(txid)
    this.remove(txid)
    this.#changed.set(write.txid, { type: 'put', write, ...(isShared && { replaces: txid }) })
  }

  /** Removes a refused write. */
  discard(txid: string): void {
    if (this.#changed.has(txid)) this.remove(txid)
    else this.#changed.set(txid, { type: 'discard' })
  }

  /** Replaces a write; one that is not added yet is added as it is now. */
  update(write: StoredWrite): void {
    const had = this.#changed.get(write.txid)
    if (had?.type === 'remove' || had?.type === 'discard') return
    this.#changed.set(write.txid, had === undefined ? { type: 'update', write } : { ...had, write })
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
    const ifRefused: { remove: string; put?: string }[] = []
    for (const [txid, changed] of this.#changed) {
      switch (changed.type) {
        case 'put':
          put.push(changed.write)
          if (changed.replaces !== undefined) ifRefused.push({ remove: changed.replaces, put: txid })
          break
        case 'update':
          update.push(changed.write)
          break
        case 'remove':
          if (!changed.wasPut) remove.push(txid)
          break
        case 'discard':
          remove.push(txid)
          ifRefused.push({ remove: txid })
      }
    }
    const notes = Object.fromEntries(this.#notes)
    this.#changed.clear()
    this.#notes.clear()
    return { put, update, remove, ifRefused, notes }
  }

  /**
   * Puts back what a transaction did not do, where it was not changed since: what it was to add, and what was decided about
   * refused writes. What it updated is for another tab to say.
   */
  putBack({ put = [], ifRefused = [], notes = {} }: OutboxChange): void {
    const decided = ifRefused.filter(({ remove }) => !this.#changed.has(remove))
    for (const write of put) {
      const since = this.#changed.get(write.txid)
      if (since === undefined) this.put(write)
      else if (since.type === 'remove' || since.type === 'discard') this.#changed.delete(write.txid)
      else this.put(since.write)
    }
    for (const { remove, put: txid } of decided) {
      const changed = this.#changed.get(txid ?? '')
      if (changed?.type === 'put') this.replace(remove, changed.write)
      else this.discard(remove)
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

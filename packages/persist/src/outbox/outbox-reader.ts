import { fromStoredError, randomId } from '@streamdb/log'
import type { OutboxStore, StoredError, StoredWrite, StreamDBError } from '@streamdb/log'
import { DROPPED, toDropped, withDropped } from './dropped-writes.ts'
import type { DroppedWrites } from './dropped-writes.ts'
import { inState, keep } from './kept-write.ts'
import type { KeptWrite } from './kept-write.ts'
import { withdrawnError } from './kept-writes.ts'
import type { KeptWrites } from './kept-writes.ts'

const PRODUCER = 'producer'

/** Reads the store of an outbox, which other tabs change, and brings what is kept in line with it. */
export class OutboxReader {
  readonly #writes: KeptWrites
  #store: OutboxStore | undefined
  #producerId: string | undefined
  #dropped: DroppedWrites = new Map()

  constructor(writes: KeptWrites) {
    this.#writes = writes
  }

  get isAttached(): boolean {
    return this.#store !== undefined
  }

  /** Reads a store for the first time. Rejects where it cannot be read. */
  async attach(
    store: OutboxStore,
    onUnreadable: ((error: StreamDBError) => void) | undefined,
  ): Promise<void> {
    this.#store = store
    const producerId = await store.note(PRODUCER)
    if (typeof producerId === 'string') this.#producerId ??= producerId
    const stored = await store.list(onUnreadable)
    this.#moveBehind(stored)
    this.#merge(stored)
  }

  detach(): void {
    this.#store = undefined
  }

  /** Reads what other tabs have changed; never rejects. */
  async read(): Promise<void> {
    const { saver } = this.#writes
    const store = this.#store
    // A list that was read while something was saved may be older than that.
    for (let attempts = 0; store !== undefined && attempts < 20; attempts++) {
      const { version } = saver
      const stored = await store.list().catch(() => undefined) // the next change says so
      if (stored === undefined || this.#store !== store) return
      if (version !== saver.version) continue
      const isMissed = this.#missingIn(stored).some(({ write }) => write.isTransient === true)
      const dropped = isMissed ? await this.readDropped() : undefined
      if (this.#store !== store) return
      this.#merge(stored, dropped)
      return
    }
  }

  /** Resolves with a note of the store; with nothing where there is no store, or it cannot be read. */
  async readNote(name: string): Promise<unknown> {
    return this.#store?.note(name).catch(() => undefined)
  }

  /** Resolves with the id of the store's producer, the same one whichever tab leads; makes one where there is none. */
  async producerId(signal: AbortSignal): Promise<string> {
    const noted = await this.readNote(PRODUCER)
    if (typeof noted === 'string') this.#producerId = noted
    const id = (this.#producerId ??= randomId())
    if (noted !== id && !signal.aborted) this.#writes.saver.changes.note(PRODUCER, id)
    return id
  }

  /** Whoever goes on without a store is another producer. */
  forgetProducer(): void {
    this.#producerId = undefined
  }

  /** Resolves with the dropped writes that the store has. */
  async readDropped(): Promise<DroppedWrites> {
    return toDropped(await this.readNote(DROPPED))
  }

  /** Notes one more dropped write beside those: should the tab come back that made it, it is not to take it as stored. */
  noteDropped(noted: DroppedWrites, txid: string, error: StoredError): void {
    // Those of before may not be stored yet.
    this.#dropped = withDropped(new Map([...noted, ...this.#dropped]), txid, error)
    this.#writes.saver.changes.note(DROPPED, [...this.#dropped])
  }

  /** Another tab has removed writes before they were sent, or has decided before about what they were to replace. */
  onMissing(txids: readonly string[]): void {
    const { list } = this.#writes
    for (const txid of txids) {
      const kept = list.find(txid)
      if (kept === undefined || kept.isSeen) continue
      list.remove(txid)
      kept.write = inState(kept.write, { name: 'withdrawn' })
      kept.done.reject(withdrawnError(txid))
    }
    list.changed()
    void this.read() // never rejects
  }

  /** What was written before the store was read comes after what earlier pages kept, whatever the clock says. */
  #moveBehind(stored: readonly StoredWrite[]): void {
    const { list, saver } = this.#writes
    const last = stored.at(-1)?.order ?? 0
    const written = [...list]
    list.startBehind(last)
    if (!written.some(({ write }) => write.order <= last)) return
    for (const kept of written) {
      kept.write = { ...kept.write, order: list.nextOrder() }
      saver.changes.update(kept.write)
      list.add(kept)
    }
  }

  #merge(stored: readonly StoredWrite[], dropped: DroppedWrites = new Map()): void {
    const { list, saver, seen } = this.#writes
    for (const write of stored) {
      const kept = list.find(write.txid)
      if (seen.has(write.txid) || saver.isUnsaved(write.txid)) continue
      if (kept === undefined) list.add(keep(write))
      else this.#adopt(kept, write)
    }
    for (const kept of this.#missingIn(stored)) {
      const { txid } = kept.write
      const error = dropped.get(txid)
      list.remove(txid)
      if (error !== undefined) kept.done.reject(fromStoredError(error))
      // The leader has removed it: it is in the log, or its function has run.
      else kept.done.resolve({})
    }
    list.changed()
  }

  /** What another tab has removed: the one that leads whatever is in the log, and any of them what was refused. */
  #missingIn(stored: readonly StoredWrite[]): KeptWrite[] {
    const { list, saver } = this.#writes
    const txids = new Set(stored.map(({ txid }) => txid))
    return [...list].filter(({ write: { txid, state } }) => {
      const mayBeRemoved = !saver.isLeading || state.name === 'refused'
      return mayBeRemoved && !txids.has(txid) && !saver.isUnsaved(txid)
    })
  }

  /** Takes over what another tab says of a write. */
  #adopt(kept: KeptWrite, write: StoredWrite): void {
    const { list, saver } = this.#writes
    const { name } = write.state
    const had = kept.write.state.name
    if (name === had || had === 'acknowledged') return
    if (name === 'refused') {
      kept.write = write
      kept.done.reject(fromStoredError(write.state.error))
    } else if (name === 'withdrawn') {
      kept.write = write
      kept.done.reject(withdrawnError(write.txid))
    } else if (had === 'refused') {
      // It is tried again there.
      list.add(keep(write))
    } else if (!saver.isLeading || name === 'sent') {
      kept.write = write
    }
  }
}

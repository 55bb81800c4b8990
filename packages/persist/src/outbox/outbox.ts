import {
  deferred,
  delay,
  fromStoredError,
  randomId,
  StreamDBError,
  toStoredError,
  toStreamDBError,
} from '@streamdb/log'
import type {
  MessageSender,
  NewWrite,
  Outbox,
  OutboxHandle,
  OutboxStore,
  StoredError,
  StoredWrite,
  StoredWriteState,
  WriteCarrier,
} from '@streamdb/log'
import type { TabClock } from '../tabs/browser.ts'
import { realClock } from '../tabs/real-browser.ts'
import { abandonedError, AbandonedWrites } from './abandoned-writes.ts'
import { Delivery } from './delivery.ts'
import { DROPPED, toDropped, withDropped } from './dropped-writes.ts'
import type { DroppedWrites } from './dropped-writes.ts'
import { inState, isUnderWay, keep } from './kept-write.ts'
import type { KeptWrite } from './kept-write.ts'
import { OutboxList } from './outbox-list.ts'
import { OutboxSaver } from './outbox-saver.ts'
import type { PageJournal } from './page-journal.ts'
import { Producer } from './producer.ts'
import { SeenTxIds } from './seen-txids.ts'

/** What an outbox works with. */
export interface OutboxOptions {
  readonly sender: MessageSender
  /** Told once where the store fails: writes go on in memory. */
  readonly report: (error: StreamDBError) => void
  /** Tells other tabs that the outbox has changed. */
  readonly ring?: (() => void) | undefined
  /** This tab no longer leads: another one has claimed the store. */
  readonly onStale?: (() => void) | undefined
  /** Keeps what is not stored when the page goes. */
  readonly journal?: PageJournal | undefined
  /** How many writes are kept at most; 10,000 unless told. */
  readonly limit?: number | undefined
  /** How large they may be together, in characters of JSON; 32 Mi unless told. */
  readonly maxSize?: number | undefined
  /** Told of a refused write that nobody is left to decide about: it is dropped. */
  readonly onDropped?: ((error: StreamDBError) => void) | undefined
  /** Told of a write in the store that cannot be read: it stays there, and is not sent. */
  readonly onUnreadable?: ((error: StreamDBError) => void) | undefined
  readonly clock?: Pick<TabClock, 'after'> | undefined
  /** Given what a listener of the outbox throws. */
  readonly onThrown?: ((error: unknown) => void) | undefined
  /** Aborts when the database closes. What is kept stays in the store. */
  readonly signal: AbortSignal
}

const PRODUCER = 'producer'

/**
 * The outbox of one database, over a store that tabs share.
 *
 * It keeps at once, and sends nothing before it is given its store (`attach`) and this tab leads (`lead`). One file of more
 * than 300 lines: every method moves one record between the same states, and the rules between memory, store and other
 * tabs can only be read side by side.
 */
export class StoreOutbox implements Outbox {
  readonly #options: OutboxOptions
  readonly #list: OutboxList
  readonly #saver: OutboxSaver
  readonly #loaded = deferred()
  // Read in the log: other tabs may list them for a while.
  readonly #seen = new SeenTxIds()
  #store: OutboxStore | undefined
  #isDetached = false
  #producerId: string | undefined
  #delivery: Delivery | undefined
  #abandoned: AbandonedWrites | undefined
  #dropped: DroppedWrites = new Map()
  #leading: AbortController | undefined

  constructor(options: OutboxOptions) {
    const { signal, report, ring } = options
    this.#options = options
    this.#list = new OutboxList(options.onThrown)
    this.#saver = new OutboxSaver({
      onFailed: (error) => {
        report(error)
        this.detach(error)
      },
      onStale: () => {
        this.follow()
        options.onStale?.()
      },
      onMissing: (txids) => this.#onMissing(txids),
      onNews: () => ring?.(),
    })
    signal.addEventListener('abort', () => this.follow())
    options.journal?.watch(() => this.#saver.unsaved, signal)
    options.journal?.onKept(() => this.#recover(), signal)
  }

  get loaded(): Promise<void> {
    return this.#loaded.promise
  }

  readonly get = (): readonly StoredWrite[] => this.#list.snapshot

  readonly subscribe = (run: () => void): (() => void) => this.#list.subscribe(run)

  /** Gives the outbox its store, and reads what that holds; never rejects. */
  async attach(store: OutboxStore): Promise<void> {
    if (this.#store !== undefined || this.#isDetached) return
    this.#store = store
    try {
      const producerId = await store.note(PRODUCER)
      if (typeof producerId === 'string') this.#producerId ??= producerId
      const stored = await store.list(this.#options.onUnreadable)
      this.#moveBehind(stored)
      this.#merge(stored)
      if (!this.#isDetached) {
        this.#saver.attach(store)
        this.#recover()
      }
    } catch (thrown) {
      const error = toStreamDBError(thrown, 'storage-failed', 'Reading the outbox failed')
      this.#options.report(error)
      this.detach(error)
    }
    this.#loaded.resolve()
    this.#saver.flushSoon()
  }

  /**
   * Stores nothing more; what is kept goes on in memory, for as long as this database is open. What the store has already is
   * left to the tab that leads, where another one may.
   */
  detach(error: StreamDBError): void {
    if (this.#isDetached) return
    this.#isDetached = true
    this.#store = undefined
    if (this.#options.ring !== undefined || error.code === 'storage-stale') {
      this.follow()
      for (const { write } of this.#list)
        if (!this.#saver.isUnsaved(write.txid)) this.#list.remove(write.txid)
    }
    this.#saver.detach(error)
    this.#loaded.resolve()
    this.#list.changed()
    if (this.#leading !== undefined) return
    this.#producerId = undefined
    this.lead(0)
  }

  /** Begins to send, under a leader's epoch; what was sent before, and may be in the log, first. */
  lead(epoch: number): void {
    const { signal, sender } = this.#options
    if (signal.aborted) return
    this.follow()
    this.#saver.epoch = epoch
    for (const { write } of this.#list) {
      if (write.state.name !== 'withdrawn') continue
      this.#list.remove(write.txid)
      this.#saver.changes.remove(write.txid)
    }
    const leading = (this.#leading = new AbortController())
    this.#abandoned = new AbandonedWrites({
      ...{ list: this.#list, clock: this.#options.clock ?? realClock, signal: leading.signal },
      drop: (kept, error) => void this.#drop(kept, error),
    })
    // What another tab has sent before it lost the lead is known from the store alone, and goes first.
    void this.#prepare(leading.signal).then((id) => {
      if (leading.signal.aborted) return
      const options = {
        ...{ list: this.#list, saver: this.#saver, sender },
        onStored: (kept: KeptWrite, offset: string | undefined) => this.#onStored(kept, offset),
        onRefused: (kept: KeptWrite, error: StreamDBError) => this.#onRefused(kept, error),
      }
      this.#delivery = new Delivery(options, new Producer(id, epoch), leading.signal)
      this.#abandoned?.check()
      this.#work()
    })
  }

  /** Sends nothing any more: another tab does, or none. */
  follow(): void {
    this.#leading?.abort()
    this.#leading = this.#delivery = this.#abandoned = this.#saver.epoch = undefined
  }

  /** Reads what other tabs have changed; never rejects. */
  async reread(): Promise<void> {
    await this.#read()
    this.#work()
  }

  /** These transactions are visible, and leave the store with the checkpoint that has them. */
  onApplied(txids: Iterable<string>): void {
    let isChanged = false
    for (const txid of txids) {
      const kept = this.#list.find(txid)
      if (kept === undefined) continue
      this.#seen.add(txid)
      this.#see(kept)
      isChanged = this.#list.remove(txid) || isChanged
    }
    if (isChanged) this.#list.changed()
  }

  /** Whether everything that is kept is stored. */
  get isSaved(): boolean {
    return this.#saver.isSaved
  }

  whenStored(): Promise<void> {
    return this.#saver.flush()
  }

  assertRoom(): void {
    const { limit = 10_000, maxSize = 32 * 1024 * 1024 } = this.#options
    if (this.#list.size >= limit) throw fullError(`${limit} writes`)
    if (this.#list.length >= maxSize) throw fullError(`${maxSize} characters of writes`)
  }

  add(write: NewWrite, carrier: WriteCarrier, replaces?: string): OutboxHandle {
    if (replaces !== undefined) this.#remove(replaces)
    const { txid, events, action, call, isTransient } = write
    const kept = keep(
      {
        ...{ txid, events, order: this.#list.nextOrder(), createdAt: Date.now(), attempts: 0 },
        ...(action !== undefined && { action }),
        ...(call !== undefined && { call }),
        ...(isTransient === true && { isTransient }),
        state: { name: 'queued' },
      },
      carrier,
    )
    this.#saver.changes.put(kept.write)
    this.#list.add(kept)
    this.#list.changed()
    this.#saveAndWork()
    return this.#handleOf(kept)
  }

  resume(txid: string, carrier: WriteCarrier): OutboxHandle | undefined {
    const kept = this.#list.find(txid)
    const { name = 'refused' } = kept?.write.state ?? {}
    if (kept === undefined || name === 'refused' || name === 'withdrawn') return undefined
    kept.carrier = carrier
    this.#work()
    return this.#handleOf(kept)
  }

  retry(txid: string): boolean {
    const kept = this.#list.find(txid)
    if (kept?.write.state.name !== 'refused') return false
    const { error } = kept.write.state
    // What nobody knows of it is asked of the log first.
    const state: StoredWriteState = { name: error.code === 'write-unknown' ? 'sent' : 'queued' }
    const again = keep({ ...kept.write, order: this.#list.nextOrder(), attempts: 0, state })
    this.#list.add(again)
    this.#saver.changes.update(again.write)
    this.#list.changed()
    this.#saveAndWork()
    return true
  }

  discard(txid: string): boolean {
    const kept = this.#list.find(txid)
    if (kept?.write.state.name === 'queued') return this.#withdraw(kept, undefined)
    if (kept?.write.state.name !== 'refused') return false
    this.#remove(txid)
    this.#list.changed()
    this.#saver.flushSoon()
    return true
  }

  async readNote(name: string): Promise<unknown> {
    return this.#store?.note(name).catch(() => undefined)
  }

  note(name: string, value: unknown): void {
    this.#saver.changes.note(name, value)
    this.#saver.flushSoon()
  }

  retryNow(): void {
    this.#delivery?.retryNow()
  }

  /** Keeps what pages that are gone could not store. */
  #recover(): void {
    const { journal } = this.#options
    if (journal === undefined || this.#store === undefined) return
    const { writes, forget } = journal.take()
    const lost = writes.filter(({ txid }) => this.#list.find(txid) === undefined && !this.#seen.has(txid))
    for (const write of lost) {
      // Another tab may have found it as well, and may have sent it: the log is read first.
      const kept = keep(write.state.name === 'refused' ? write : inState(write, { name: 'sent' }))
      this.#list.add(kept)
      this.#saver.changes.put(kept.write)
    }
    // Where the store fails, the next page finds it here again.
    this.#saver.flush().then(forget, () => undefined)
    if (lost.length === 0) return
    this.#list.changed()
    this.#work()
  }

  #handleOf(kept: KeptWrite): OutboxHandle {
    return {
      done: kept.done.promise,
      withdraw: (reason) => this.#withdraw(kept, reason),
      seen: () => this.#see(kept),
      refuse: (error) => this.#onRefused(kept, error),
    }
  }

  /** Sends, and stores what has changed: what is taken up at once is stored together with that. */
  #saveAndWork(): void {
    this.#work()
    this.#saver.flushSoon()
  }

  #work(): void {
    // What fails there is the outcome of a write.
    void this.#delivery?.work()
  }

  #see(kept: KeptWrite): void {
    if (kept.isSeen) return
    kept.isSeen = true
    this.#acknowledge(kept, undefined)
    this.#delivery?.seen()
  }

  #onStored(kept: KeptWrite, offset: string | undefined): void {
    this.#acknowledge(kept, offset)
    if (kept.write.call === undefined) return
    // Its function may have written under another txid: the log does not tell, and it is not to run again.
    this.#remove(kept.write.txid)
    this.#list.changed()
    this.#saver.flushSoon()
  }

  /** The store has it as sent, which is enough: whoever sends it again reads the log first. */
  #acknowledge(kept: KeptWrite, offset: string | undefined): void {
    if (isUnderWay(kept)) {
      kept.write = inState(kept.write, { name: 'acknowledged' })
      this.#list.changed()
    }
    kept.done.resolve({ offset })
  }

  #onRefused(kept: KeptWrite, error: StreamDBError): void {
    const { name } = kept.write.state
    if (kept.isSeen || name === 'refused' || name === 'withdrawn') return
    kept.write = inState(kept.write, { name: 'refused', error: toStoredError(error) })
    kept.isAlone = false
    this.#saver.changes.update(kept.write)
    kept.done.reject(error)
    this.#list.changed()
    this.#abandoned?.check()
    this.#saver.flushSoon()
  }

  /** Removes a refused write of a tab that is gone, and notes that: should that tab come back, it is not to take it as stored. */
  async #drop({ write: { txid } }: KeptWrite, error: StoredError): Promise<void> {
    const noted = toDropped(await this.readNote(DROPPED))
    if (this.#leading === undefined || this.#list.find(txid)?.write.state.name !== 'refused') return
    // Those of before may not be stored yet.
    this.#dropped = withDropped(new Map([...noted, ...this.#dropped]), txid, error)
    this.#saver.changes.note(DROPPED, [...this.#dropped])
    this.#remove(txid)
    this.#list.changed()
    this.#saver.flushSoon()
    this.#options.onDropped?.(abandonedError(error))
  }

  #withdraw(kept: KeptWrite, reason: StreamDBError | undefined): boolean {
    if (this.#options.signal.aborted || kept.isSeen || kept.write.state.name !== 'queued') return false
    if (reason !== undefined) {
      this.#onRefused(kept, reason)
      return true
    }
    kept.done.reject(withdrawnError(kept.write.txid))
    // Other tabs show it too: they are told before it goes.
    if (this.#options.ring === undefined) this.#remove(kept.write.txid)
    else this.#saver.changes.update(inState(kept.write, { name: 'withdrawn' }))
    kept.write = inState(kept.write, { name: 'withdrawn' })
    this.#list.changed()
    this.#saver.flushSoon()
    return true
  }

  #remove(txid: string): void {
    this.#list.remove(txid)
    this.#saver.changes.remove(txid)
  }

  /**
   * Reads what others have kept, and then the log: an earlier page may have sent it, and not have lived to note that.
   * Returns the id of the store's producer, the same one whichever tab leads.
   */
  async #prepare(signal: AbortSignal): Promise<string> {
    const noted = await this.readNote(PRODUCER)
    if (typeof noted === 'string') this.#producerId = noted
    const id = (this.#producerId ??= randomId())
    if (noted !== id && !signal.aborted) this.#saver.changes.note(PRODUCER, id)
    await this.#read()
    if (![...this.#list].some((kept) => isUnderWay(kept) && !kept.isOwn)) return id
    await this.#options.sender.checkStored(signal).catch(() => false) // aborted, which is looked at next
    await delay(0, signal)
    return id
  }

  async #read(): Promise<void> {
    const store = this.#store
    // A list that was read while something was saved may be older than that.
    for (let attempts = 0; store !== undefined && attempts < 20; attempts++) {
      const { version } = this.#saver
      const stored = await store.list().catch(() => undefined) // the next change says so
      if (stored === undefined || this.#store !== store) return
      if (version !== this.#saver.version) continue
      const isMissed = this.#missingIn(stored).some(({ write }) => write.isTransient === true)
      const dropped = toDropped(isMissed ? await this.readNote(DROPPED) : undefined)
      if (this.#store !== store) return
      this.#merge(stored, dropped)
      return
    }
  }

  /** What was written before the store was read comes after what earlier pages kept, whatever the clock says. */
  #moveBehind(stored: readonly StoredWrite[]): void {
    const last = stored.at(-1)?.order ?? 0
    const written = [...this.#list]
    this.#list.startBehind(last)
    if (!written.some(({ write }) => write.order <= last)) return
    for (const kept of written) {
      kept.write = { ...kept.write, order: this.#list.nextOrder() }
      this.#saver.changes.update(kept.write)
      this.#list.add(kept)
    }
  }

  /** Takes in what the store holds: other tabs have changed it. */
  #merge(stored: readonly StoredWrite[], dropped: DroppedWrites = new Map()): void {
    for (const write of stored) {
      const kept = this.#list.find(write.txid)
      if (this.#seen.has(write.txid) || this.#saver.isUnsaved(write.txid)) continue
      if (kept === undefined) this.#list.add(keep(write))
      else this.#adopt(kept, write)
    }
    for (const kept of this.#missingIn(stored)) {
      const { txid } = kept.write
      const error = dropped.get(txid)
      this.#list.remove(txid)
      if (error !== undefined) kept.done.reject(fromStoredError(error))
      // The leader has removed it: it is in the log, or its function has run.
      else kept.done.resolve({})
    }
    this.#list.changed()
    this.#abandoned?.check()
  }

  /** What another tab, which leads, has removed. */
  #missingIn(stored: readonly StoredWrite[]): KeptWrite[] {
    if (this.#leading !== undefined) return []
    const txids = new Set(stored.map(({ txid }) => txid))
    return [...this.#list].filter(({ write: { txid } }) => !txids.has(txid) && !this.#saver.isUnsaved(txid))
  }

  /** Takes over what another tab says of a write. */
  #adopt(kept: KeptWrite, write: StoredWrite): void {
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
      this.#list.add(keep(write))
    } else if (this.#leading === undefined || name === 'sent') {
      kept.write = write
    }
  }

  /** Another tab has removed them before they were sent. */
  #onMissing(txids: readonly string[]): void {
    for (const txid of txids) {
      const kept = this.#list.find(txid)
      if (kept === undefined || kept.isSeen) continue
      this.#list.remove(txid)
      kept.write = inState(kept.write, { name: 'withdrawn' })
      kept.done.reject(withdrawnError(txid))
    }
    this.#list.changed()
  }
}

function withdrawnError(txid: string): StreamDBError {
  return new StreamDBError(
    'rolled-back',
    `The transaction was withdrawn before it was sent (transaction ${txid})`,
  )
}

function fullError(limit: string): StreamDBError {
  const what = `The outbox holds ${limit} that are not in the log`
  return new StreamDBError(
    'outbox-full',
    `${what}: expected fewer. Wait until they are sent, or discard refused ones`,
  )
}

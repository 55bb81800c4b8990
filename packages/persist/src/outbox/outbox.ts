import { deferred, StreamDBError, toStreamDBError } from '@streamdb/log'
import type { NewWrite, Outbox, OutboxHandle, OutboxStore, StoredWrite, WriteCarrier } from '@streamdb/log'
import { realClock } from '../tabs/real-browser.ts'
import { inState } from './kept-write.ts'
import type { KeptWrite } from './kept-write.ts'
import { KeptWrites } from './kept-writes.ts'
import { OutboxLead } from './outbox-lead.ts'
import { OutboxList } from './outbox-list.ts'
import type { OutboxOptions } from './outbox-options.ts'
import { OutboxReader } from './outbox-reader.ts'
import { OutboxSaver } from './outbox-saver.ts'

/**
 * The outbox of one database, over a store that tabs share.
 *
 * It keeps at once, and sends nothing before it is given its store (`attach`) and this tab leads (`lead`). The states of
 * its writes are in `KeptWrites`; `OutboxReader` takes over what other tabs change, `OutboxLead` sends.
 */
export class StoreOutbox implements Outbox {
  readonly #options: OutboxOptions
  readonly #writes: KeptWrites
  readonly #list: OutboxList
  readonly #saver: OutboxSaver
  readonly #reader: OutboxReader
  readonly #loaded = deferred()
  #isDetached = false
  #lead: OutboxLead | undefined

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
      onMissing: (txids) => this.#reader.onMissing(txids),
      onNews: () => ring?.(),
    })
    this.#writes = new KeptWrites(this.#list, this.#saver)
    this.#reader = new OutboxReader(this.#writes)
    signal.addEventListener('abort', () => this.#endLead())
    options.journal?.watch(() => this.#saver.unsaved, signal)
    options.journal?.onKept(() => this.#recover(), signal)
  }

  get loaded(): Promise<void> {
    return this.#loaded.promise
  }

  readonly get = (): readonly StoredWrite[] => this.#list.snapshot

  readonly unclaimed = (): readonly StoredWrite[] => this.#list.unclaimed

  readonly subscribe = (run: () => void): (() => void) => this.#list.subscribe(run)

  /** Gives the outbox its store, and reads what that holds; never rejects. */
  async attach(store: OutboxStore): Promise<void> {
    if (this.#reader.isAttached || this.#isDetached) return
    try {
      await this.#reader.attach(store, this.#options.onUnreadable)
      this.#lead?.checkAbandoned()
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
    this.#reader.detach()
    if (this.#options.ring !== undefined || error.code === 'storage-stale') {
      this.#endLead()
      for (const { write } of this.#list)
        if (!this.#saver.isUnsaved(write.txid)) this.#list.remove(write.txid)
    }
    this.#saver.detach(error)
    this.#loaded.resolve()
    this.#list.changed()
    if (this.#lead !== undefined) return
    this.#reader.forgetProducer()
    this.lead(0)
  }

  /** Begins to send, under a leader's epoch; what was sent before, and may be in the log, first. */
  lead(epoch: number): void {
    const { signal, sender, clock = realClock, onDropped } = this.#options
    if (signal.aborted) return
    this.#endLead()
    this.#saver.epoch = epoch
    this.#writes.removeWithdrawn()
    const options = {
      ...{ writes: this.#writes, reader: this.#reader, sender, clock, onDropped },
      onStored: (kept: KeptWrite, offset: string | undefined) => this.#onStored(kept, offset),
      onRefused: (kept: KeptWrite, error: StreamDBError) => this.#onRefused(kept, error),
    }
    this.#lead = new OutboxLead(options, epoch)
  }

  /** Sends nothing any more: another tab does, or none. What is in memory alone is known here alone, and is sent on. */
  follow(): void {
    if (!this.#isDetached) this.#endLead()
  }

  /** Reads what other tabs have changed; never rejects. */
  async reread(): Promise<void> {
    await this.#reader.read()
    this.#lead?.checkAbandoned()
    this.#lead?.work()
  }

  /** These transactions are visible, and leave the store with the checkpoint that has them. */
  onApplied(txids: Iterable<string>): void {
    let isChanged = false
    for (const txid of txids) {
      const kept = this.#list.find(txid)
      if (kept === undefined) continue
      this.#writes.seen.add(txid)
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
    const { txid, events, action, call, isTransient } = write
    const kept = this.#writes.add(
      {
        ...{ txid, events, order: this.#list.nextOrder(), createdAt: Date.now(), attempts: 0 },
        ...(action !== undefined && { action }),
        ...(call !== undefined && { call }),
        ...(isTransient === true && { isTransient }),
        state: { name: 'queued' },
      },
      carrier,
      replaces,
    )
    this.#list.changed()
    this.#saveAndWork()
    return this.#handleOf(kept)
  }

  resume(txid: string, carrier: WriteCarrier): OutboxHandle | undefined {
    const kept = this.#list.find(txid)
    const { name = 'refused' } = kept?.write.state ?? {}
    if (kept === undefined || name === 'refused' || name === 'withdrawn') return undefined
    this.#list.claim(kept, carrier)
    this.#lead?.work()
    return this.#handleOf(kept)
  }

  retry(txid: string): boolean {
    if (!this.#writes.retry(txid)) return false
    this.#saveAndWork()
    return true
  }

  discard(txid: string): boolean {
    const kept = this.#list.find(txid)
    if (kept?.write.state.name === 'queued') return this.#withdraw(kept, undefined)
    if (kept?.write.state.name !== 'refused') return false
    this.#writes.discard(txid)
    this.#list.changed()
    this.#saver.flushSoon()
    return true
  }

  readNote(name: string): Promise<unknown> {
    return this.#reader.readNote(name)
  }

  note(name: string, value: unknown): void {
    this.#saver.changes.note(name, value)
    this.#saver.flushSoon()
  }

  retryNow(): void {
    this.#lead?.retryNow()
  }

  #endLead(): void {
    this.#lead?.end()
    this.#lead = this.#saver.epoch = undefined
  }

  /** Keeps what pages that are gone could not store. */
  #recover(): void {
    const { journal } = this.#options
    if (journal === undefined || !this.#reader.isAttached) return
    const { writes, forget } = journal.take()
    const { seen } = this.#writes
    const lost = writes.filter(({ txid }) => this.#list.find(txid) === undefined && !seen.has(txid))
    for (const write of lost) {
      // Another tab may have found it as well, and may have sent it: the log is read first.
      this.#writes.add(write.state.name === 'refused' ? write : inState(write, { name: 'sent' }))
    }
    // Where the store fails, the next page finds it here again.
    this.#saver.flush().then(forget, () => undefined)
    if (lost.length === 0) return
    this.#list.changed()
    this.#lead?.work()
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
    this.#lead?.work()
    this.#saver.flushSoon()
  }

  #see(kept: KeptWrite): void {
    if (kept.isSeen) return
    kept.isSeen = true
    this.#writes.acknowledge(kept, undefined)
    this.#lead?.seen()
  }

  #onStored(kept: KeptWrite, offset: string | undefined): void {
    this.#writes.acknowledge(kept, offset)
    if (kept.write.call === undefined) return
    // Its function may have written under another txid: the log does not tell, and it is not to run again.
    this.#writes.remove(kept.write.txid)
    this.#list.changed()
    this.#saver.flushSoon()
  }

  #onRefused(kept: KeptWrite, error: StreamDBError): void {
    if (!this.#writes.refuse(kept, error)) return
    this.#lead?.checkAbandoned()
    this.#saver.flushSoon()
  }

  #withdraw(kept: KeptWrite, reason: StreamDBError | undefined): boolean {
    if (this.#options.signal.aborted || kept.isSeen || kept.write.state.name !== 'queued') return false
    if (reason !== undefined) {
      this.#onRefused(kept, reason)
      return true
    }
    this.#writes.withdraw(kept, this.#options.ring !== undefined)
    this.#saver.flushSoon()
    return true
  }
}

function fullError(limit: string): StreamDBError {
  const what = `The outbox holds ${limit} that are not in the log`
  return new StreamDBError(
    'outbox-full',
    `${what}: expected fewer. Wait until they are sent, or discard refused ones`,
  )
}

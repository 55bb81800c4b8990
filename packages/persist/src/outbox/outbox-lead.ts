import { delay } from '@streamdb/log'
import type { MessageSender, StoredError, StreamDBError } from '@streamdb/log'
import type { TabClock } from '../tabs/browser.ts'
import { abandonedError, AbandonedWrites } from './abandoned-writes.ts'
import { Delivery } from './delivery.ts'
import type { DeliveryOptions } from './delivery.ts'
import { isUnderWay } from './kept-write.ts'
import type { KeptWrite } from './kept-write.ts'
import type { KeptWrites } from './kept-writes.ts'
import type { OutboxReader } from './outbox-reader.ts'
import { Producer } from './producer.ts'

/** What leading works with. */
export interface OutboxLeadOptions extends Pick<DeliveryOptions, 'onStored' | 'onRefused'> {
  readonly writes: KeptWrites
  readonly reader: OutboxReader
  readonly sender: MessageSender
  readonly clock: Pick<TabClock, 'after'>
  /** Told of a refused write that nobody is left to decide about: it is dropped. */
  readonly onDropped?: ((error: StreamDBError) => void) | undefined
}

/** The time in which a tab leads: it sends what the outbox keeps, and drops refused writes of tabs that are gone. */
export class OutboxLead {
  readonly #options: OutboxLeadOptions
  readonly #ending = new AbortController()
  readonly #abandoned: AbandonedWrites
  #delivery: Delivery | undefined

  /** Begins under a leader's epoch, with what was sent before and may be in the log. */
  constructor(options: OutboxLeadOptions, epoch: number) {
    const { writes, clock } = options
    this.#options = options
    this.#abandoned = new AbandonedWrites({
      ...{ list: writes.list, clock, signal: this.#ending.signal },
      drop: (kept, error) => void this.#drop(kept, error),
    })
    void this.#begin(epoch)
  }

  /** Sends what there is to be sent. */
  work(): void {
    // What fails there is the outcome of a write.
    void this.#delivery?.work()
  }

  /** Tries at once what waits to be tried again. */
  retryNow(): void {
    this.#delivery?.retryNow()
  }

  /** A write was read in the log: its answer is no longer waited for. */
  seen(): void {
    this.#delivery?.seen()
  }

  /** Looks for refused writes that nobody decides about. */
  checkAbandoned(): void {
    this.#abandoned.check()
  }

  /** Sends nothing more. */
  end(): void {
    this.#ending.abort()
  }

  async #begin(epoch: number): Promise<void> {
    const { writes, sender, onStored, onRefused } = this.#options
    const { signal } = this.#ending
    // What another tab has sent before it lost the lead is known from the store alone, and goes first.
    const producerId = await this.#prepare(signal)
    if (signal.aborted) return
    const delivering = { list: writes.list, saver: writes.saver, sender, onStored, onRefused }
    this.#delivery = new Delivery(delivering, new Producer(producerId, epoch), signal)
    this.#abandoned.check()
    this.work()
  }

  /** Reads what others have kept, and then the log: an earlier page may have sent it, and not have lived to note that. */
  async #prepare(signal: AbortSignal): Promise<string> {
    const { writes, reader, sender } = this.#options
    const id = await reader.producerId(signal)
    await reader.read()
    this.#abandoned.check()
    if (![...writes.list].some((kept) => isUnderWay(kept) && !kept.isOwn)) return id
    await sender.checkStored(signal).catch(() => false) // aborted, which is looked at next
    await delay(0, signal)
    return id
  }

  /** Removes a refused write of a tab that is gone. */
  async #drop({ write: { txid } }: KeptWrite, error: StoredError): Promise<void> {
    const { writes, reader, onDropped } = this.#options
    const noted = await reader.readDropped()
    if (this.#ending.signal.aborted || writes.list.find(txid)?.write.state.name !== 'refused') return
    reader.noteDropped(noted, txid, error)
    writes.remove(txid)
    writes.list.changed()
    writes.saver.flushSoon()
    onDropped?.(abandonedError(error))
  }
}

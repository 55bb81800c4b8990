import { start } from '@streamdb/log'
import type { AfterBatch, Batch, BatchSink, Checkpoint, ConnectionEvent, RestartReason } from '@streamdb/log'
import { NewsLog } from './news-log.ts'
import { beginOf, endOf, upToDateBatch } from './position.ts'
import type { TabPosition } from './position.ts'

const logStart: TabPosition = { offset: start, items: 0 }

/** What this tab was given of the log so far, whichever tab has read it: leading goes on where following stopped. */
export class Delivered {
  /** What came lately, for other tabs. */
  readonly news: NewsLog = new NewsLog()
  #sink: BatchSink | undefined
  #position = logStart
  #streamId: string | undefined
  #isUpToDate = false
  #isClosed = false

  /** Delivers to `sink` from now on, behind `from` or, without it, behind what came before. */
  begin(from: Checkpoint | undefined, sink: BatchSink): void {
    this.#sink = sink
    if (from === undefined) return
    this.#moveTo({ offset: from.offset, items: 0 })
    this.#streamId = from.streamId ?? this.#streamId
    this.news.clear()
  }

  /** What was delivered is void, and the sink knows. */
  forget(): void {
    this.#moveTo(logStart)
    this.#streamId = undefined
    this.news.clear()
  }

  get position(): TabPosition {
    return this.#position
  }

  get checkpoint(): Checkpoint {
    const { offset } = this.#position
    return { offset, ...(this.#streamId !== undefined && { streamId: this.#streamId }) }
  }

  get isAtStart(): boolean {
    return this.#position.offset === start
  }

  /** Whether everything was read when the last batch came. */
  get isUpToDate(): boolean {
    return this.#isUpToDate
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Delivers a batch. Throws what the sink throws: reading must stop then. */
  batch(batch: Batch): AfterBatch {
    const after = this.#sink?.onBatch(batch) ?? { type: 'continue' }
    this.#streamId = batch.streamId ?? this.#streamId
    this.news.add(batch)
    this.#moveTo(after.type === 'seek' ? { offset: after.offset, items: 0 } : endOf(batch))
    this.#isUpToDate = batch.upToDate && after.type !== 'seek'
    this.#isClosed = batch.closed
    return after
  }

  /** Says that everything is read, where that was not said before. */
  upToDate(isClosed: boolean): void {
    if (this.#isUpToDate) return
    this.batch({ ...upToDateBatch(this.#position, this.#streamId), closed: isClosed })
  }

  /** What is known of the connection to the log is old: only a batch says that everything is read. */
  doubt(): void {
    this.#isUpToDate = false
  }

  refuseSeek(offset: string): void {
    this.#sink?.onSeekRefused(offset)
    // The batch with the reset comes again.
    const last = this.news.last
    if (last !== undefined) this.#moveTo(beginOf(last))
  }

  restart(why: RestartReason): void {
    this.forget()
    this.#sink?.onRestart(why)
  }

  connection(event: ConnectionEvent): void {
    if (event.type !== 'mode' && event.type !== 'start') this.#isUpToDate = false
    this.#sink?.onConnection(event)
  }

  async ready(): Promise<void> {
    await this.#sink?.ready()
  }

  #moveTo(position: TabPosition): void {
    this.#position = position
    this.#isUpToDate = this.#isClosed = false
  }
}

import { isBefore } from '@streamdb/log'
import type {
  AfterBatch,
  Batch,
  BatchSink,
  BatchSource,
  Checkpoint,
  ConnectionEvent,
  RestartReason,
} from '@streamdb/log'
import type { Delivered } from './delivered.ts'
import type { TabBrowser } from './browser.ts'
import { GatheredBatches } from './gathered-batches.ts'
import type { Thefts } from './election.ts'
import { sendBatch, sendEvent } from './messages.ts'
import type { Connection, LeaderRequest, News, TabMessage } from './messages.ts'
import { beginOf, endOf } from './position.ts'
import type { TabPosition } from './position.ts'
import type { SharedStore } from './shared-store.ts'
import type { TabLine } from './tab-line.ts'

/** What a leader works with. */
export interface TabLeaderParts {
  readonly browser: Pick<TabBrowser, 'clock' | 'page'>
  readonly log: BatchSource
  readonly delivered: Delivered
  readonly store: SharedStore
  readonly line: TabLine
  /** Reads the store again, and starts this leader again behind its rows. */
  readonly reload: () => void
}

/** Reads the log for all tabs while it leads, and tells them what it reads. */
export class TabLeader implements BatchSink {
  readonly #parts: TabLeaderParts
  /** Aborts when this tab does not lead any more. */
  readonly #signal: AbortSignal
  // Absent until the store is claimed: nothing is read before.
  #epoch: number | undefined
  #seq = 0
  #isReading = false
  // The log is read from its beginning: who follows waits until it is stored, and reads the store.
  #isLoading = false
  #connection: Connection = { event: undefined, mode: undefined }
  readonly #waiting = new Set<string>()
  readonly #gathered: GatheredBatches

  constructor(parts: TabLeaderParts, signal: AbortSignal) {
    this.#parts = parts
    this.#signal = signal
    const { clock, page } = parts.browser
    this.#gathered = new GatheredBatches({
      clock,
      page,
      send: (batch) => this.#tell({ from: beginOf(batch), to: endOf(batch), batch: sendBatch(batch) }),
    })
    signal.addEventListener('abort', () => this.#gathered.clear())
  }

  get epoch(): number | undefined {
    return this.#epoch
  }

  /** Begins to lead under an epoch. `stored`: where the stored rows end. Reads on where this tab has read before. */
  begin(epoch: number, stored: Checkpoint | undefined, isStarted: boolean): void {
    this.#epoch = epoch
    if (!isStarted) return
    const { checkpoint } = this.#parts.delivered
    // Others have read further: what this tab missed is in the store.
    if (stored !== undefined && isBehind(checkpoint, stored)) this.#parts.reload()
    else this.start()
  }

  start(): void {
    if (this.#epoch === undefined || this.#isReading || this.#signal.aborted) return
    const { log, delivered } = this.#parts
    this.#isReading = true
    if (delivered.isAtStart) this.#isLoading = true
    log.start(delivered.checkpoint, this)
  }

  stop(): void {
    this.#isReading = false
    this.#parts.log.stop()
    this.#gathered.flush()
  }

  /** What is visible up to there is in the store. */
  saved(checkpoint: Checkpoint): void {
    this.#gathered.flush()
    if (this.#epoch !== undefined) this.#post({ type: 'saved', epoch: this.#epoch, checkpoint })
  }

  beat(thefts: Thefts): void {
    this.#post({ type: 'beat', epoch: this.#epoch, seq: this.#seq, thefts })
  }

  onRequest(request: LeaderRequest): void {
    const { log } = this.#parts
    switch (request.type) {
      case 'retry':
        return log.retryNow()
      case 'verify':
        return log.verify(request.reason)
      case 'start':
        if (!this.#isReading) this.start()
        return
      case 'save':
        void this.#save()
    }
  }

  /** A follower asks for what lies behind `at`. */
  async onJoin(id: string, at: TabPosition): Promise<void> {
    const { delivered, store } = this.#parts
    if (this.#epoch === undefined) return
    if (this.#isLoading) return this.#letWait(id)
    if (this.#welcome(id, at)) return
    const stored = await store.flush()
    if (this.#signal.aborted) return
    const isKnown =
      stored !== undefined && delivered.news.after({ offset: stored.offset, items: 0 }, delivered.position)
    // A long snapshot, or a log that is too fast: nothing fits to the store yet.
    if (this.#isLoading || isKnown === undefined || isKnown === false) this.#letWait(id)
    else this.#welcome(id, { offset: stored?.offset ?? '', items: 0 })
  }

  onBatch(batch: Batch): AfterBatch {
    const { delivered } = this.#parts
    const after = delivered.batch(batch)
    if (!this.#isLoading) this.#gathered.add(batch)
    else if (batch.upToDate) void this.#endLoading()
    return after
  }

  onSeekRefused(offset: string): void {
    this.#parts.delivered.refuseSeek(offset)
    if (this.#isLoading) return
    this.#gathered.flush()
    this.#tell({ refusedSeek: offset })
  }

  onRestart(why: RestartReason): void {
    this.#isLoading = true
    this.#gathered.clear()
    this.#parts.delivered.restart(why)
    if (this.#epoch !== undefined) this.#post({ type: 'void', epoch: this.#epoch })
  }

  onConnection(event: ConnectionEvent): void {
    if (event.type === 'mode') this.#connection = { ...this.#connection, mode: event.mode }
    else this.#connection = { ...this.#connection, event: sendEvent(event) }
    if (event.type === 'fail' || event.type === 'end') this.#isReading = false
    this.#parts.delivered.connection(event)
    this.#gathered.flush()
    this.#tell({ event: sendEvent(event) })
  }

  ready(): Promise<void> {
    return this.#parts.delivered.ready()
  }

  /** Never rejects. */
  async #save(): Promise<void> {
    const checkpoint = await this.#parts.store.flush().catch(() => undefined) // reported
    if (checkpoint !== undefined) this.saved(checkpoint)
  }

  async #endLoading(): Promise<void> {
    const { delivered, store } = this.#parts
    await delivered.ready()
    await store.flush()
    // A restart came between; where everything is read, the log is empty.
    const isVoid = delivered.isAtStart && !delivered.isUpToDate
    if (this.#signal.aborted || !this.#isLoading || isVoid) return
    this.#isLoading = false
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const id of waiting) this.#welcome(id, delivered.position)
  }

  /** Sends what lies behind `at`; says whether it is known. */
  #welcome(to: string, at: TabPosition): boolean {
    const { delivered } = this.#parts
    const batches = delivered.news.after(at, delivered.position)
    if (batches === undefined || this.#epoch === undefined) return false
    // They are part of it.
    this.#gathered.flush()
    const { position, checkpoint, isUpToDate, isClosed } = delivered
    this.#post({
      ...{ type: 'welcome', to, epoch: this.#epoch, seq: this.#seq, batches: batches.map(sendBatch) },
      ...{ at: position, streamId: checkpoint.streamId, isUpToDate, isClosed, connection: this.#connection },
    })
    return true
  }

  #letWait(to: string): void {
    if (this.#epoch === undefined) return
    this.#waiting.add(to)
    this.#post({ type: 'wait', to, epoch: this.#epoch, connection: this.#connection })
  }

  #tell(news: News): void {
    if (this.#epoch === undefined) return
    this.#post({ type: 'news', epoch: this.#epoch, seq: ++this.#seq, ...news })
  }

  #post(message: TabMessage): void {
    if (!this.#signal.aborted) this.#parts.line.post(message)
  }
}

/** Tells whether rows were stored behind a checkpoint, or of another stream. */
function isBehind(own: Checkpoint, stored: Checkpoint): boolean {
  if (own.streamId !== undefined && stored.streamId !== undefined && own.streamId !== stored.streamId)
    return true
  return isBefore(own.offset, stored.offset)
}

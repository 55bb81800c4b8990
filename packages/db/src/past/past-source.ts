import { StreamDBError, toStreamDBError } from '@streamdb/log'
import type {
  BatchSink,
  BatchSource,
  ConnectionEvent,
  HistoryPoint,
  HistoryReadOptions,
  PastState,
  RowMove,
  StreamHistory,
} from '@streamdb/log'
import { versionHeader } from '@streamdb/state'
import type { ChangeEvent } from '@streamdb/state'

/** Opens the past of a stream; called with a listener for interruptions of the connection. */
export type OpenHistory = (onConnection: (event: ConnectionEvent) => void) => Promise<StreamHistory>

/** So many rows are delivered at once. */
const sliceRows = 1000

/** Where a source stands. */
type SourceState =
  | { readonly name: 'new' }
  | { readonly name: 'loading'; readonly abort: AbortController }
  | { readonly name: 'loaded'; readonly past: PastState }

/** Delivers the rows of one moment of a log, as a batch; then, for each move, the rows that changed. */
export class PastSource implements BatchSource {
  readonly #open: OpenHistory
  readonly #onMove: () => void
  #point: HistoryPoint
  #history: Promise<StreamHistory> | undefined
  #state: SourceState = { name: 'new' }
  #sink: BatchSink | undefined

  /** `onMove` is called when the rows of another moment are visible. */
  constructor(point: HistoryPoint, open: OpenHistory, onMove: () => void) {
    this.#point = point
    this.#open = open
    this.#onMove = onMove
  }

  /** The state whose rows are delivered; absent before there is one. */
  get past(): PastState | undefined {
    return this.#state.name === 'loaded' ? this.#state.past : undefined
  }

  /** Makes another moment the first one; tells whether it is not too late for that. */
  beginAt(point: HistoryPoint): boolean {
    if (this.#state.name !== 'new') return false
    this.#point = point
    return true
  }

  async moveTo(point: HistoryPoint, options: HistoryReadOptions): Promise<void> {
    await this.#move((past) => past.moveTo(point, options))
  }

  async step(transactions: number, options: HistoryReadOptions): Promise<void> {
    await this.#move((past) => past.step(transactions, options))
  }

  start(_from: unknown, sink: BatchSink): void {
    if (this.#state.name === 'loading') return
    this.#sink = sink
    sink.onConnection({ type: 'start' })
    const { past } = this
    if (past !== undefined) {
      void this.#deliver([], past.offset).then(() => this.#end())
      return
    }
    const abort = new AbortController()
    this.#state = { name: 'loading', abort }
    void this.#load(sink, abort)
  }

  stop(): void {
    if (this.#state.name !== 'loading') return
    this.#state.abort.abort()
    this.#state = { name: 'new' }
  }

  restart(reason: Parameters<BatchSource['restart']>[0]): void {
    const { past } = this
    if (past === undefined) return
    this.#sink?.onRestart(reason)
    void this.#deliver(itemsOf(past), past.offset)
  }

  retryNow(): void {
    // What is read is read to its end: nothing waits but a request.
  }

  verify(): void {
    // Nothing of the past changes.
  }

  close(): void {
    this.stop()
    void this.#history?.then((history) => history.close()).catch(() => undefined)
  }

  // Never rejects: whatever happens ends as an event.
  async #load(sink: BatchSink, abort: AbortController): Promise<void> {
    try {
      this.#history ??= this.#open((event) => {
        if (event.type === 'break' || event.type === 'refuse') this.#sink?.onConnection(event)
      })
      const past = await (await this.#history).at(this.#point, { signal: abort.signal })
      if (abort.signal.aborted) return
      this.#state = { name: 'loaded', past }
      await this.#deliver(itemsOf(past), past.offset)
      this.#end()
      this.#onMove()
    } catch (error) {
      if (abort.signal.aborted) return
      this.#state = { name: 'new' }
      sink.onConnection({
        type: 'fail',
        error: toStreamDBError(error, 'stream-failed', 'Reading the past failed'),
      })
    }
  }

  async #move(move: (past: PastState) => Promise<readonly RowMove[]>): Promise<void> {
    const { past } = this
    if (past === undefined) throw new StreamDBError('closed', 'Cannot move: nothing of the past was loaded')
    const moves = await move(past)
    const items = moves.map(({ type, key, after }) => toItem(type, key, after))
    await this.#deliver(items, past.offset)
    this.#onMove()
  }

  /** Delivers items as one response, which is visible at once when all of it is there. */
  async #deliver(items: readonly unknown[], offset: string): Promise<void> {
    const sink = this.#sink
    if (sink === undefined) return
    const from = `before ${offset}`
    for (let first = 0; first === 0 || first < items.length; first += sliceRows) {
      const slice = items.slice(first, first + sliceRows)
      const complete = first + slice.length >= items.length
      sink.onBatch({
        ...{ items: slice, first, from, offset, complete },
        ...{ upToDate: complete, closed: false, bytes: 0 },
      })
      await sink.ready()
    }
  }

  #end(): void {
    this.#sink?.onConnection({ type: 'end', reason: 'not-live' })
  }
}

function itemsOf(past: PastState): unknown[] {
  const items: unknown[] = []
  for (const type of past.types)
    for (const [key, event] of past.eventsOf(type)) items.push(toItem(type, key, event))
  return items
}

/** Returns the event that puts a row as another one put it, and nothing else: no transaction, and no offset of the log. */
function toItem(type: string, key: string, event: ChangeEvent | undefined): ChangeEvent {
  if (event === undefined) return { type, key, headers: { operation: 'delete' } }
  const version = event.headers[versionHeader]
  const headers = { operation: 'upsert', ...(version !== undefined && { [versionHeader]: version }) } as const
  return { type, key, value: event.value, headers }
}

import type { DurableStream, DurableStreamOptions } from '@durable-streams/client'
import { backoff, defaultTimes } from '../backoff.ts'
import type { ReaderTimes } from '../backoff.ts'
import type {
  AfterBatch,
  Batch,
  BatchSink,
  BatchSource,
  ConnectionEvent,
  RestartReason,
} from '../batch-source.ts'
import { StreamDBError } from '../errors.ts'
import { resolveUrl } from '../describe-url.ts'
import type { NewestRows } from '../older-rows.ts'
import { start } from '../offsets.ts'
import { SinkError, toReadFailure } from '../read-failure.ts'
import { RequestPacer } from '../request-pacer.ts'
import { delay } from '../timeout.ts'
import { snapshotIndexUrl } from './format.ts'
import type { SnapshotEntry } from './format.ts'
import { OverlapCheck } from './overlap-check.ts'
import { createIndexFinder } from './snapshot-finder.ts'
import { SnapshotLoader } from './snapshot-loader.ts'
import { createSnapshotRequests } from './snapshot-requests.ts'

/** Where the snapshots of a log are. */
export interface SnapshotOptions {
  /** The URL of the index stream; a relative one is resolved against the log's. Default: the log's with `.snapshots`. */
  readonly index?: string | undefined
  /** Snapshots behind this offset are left out: of a fork that reads its source's index, where it leaves the source. */
  readonly until?: string | undefined
}

/** What reading from a snapshot works with. */
export interface SnapshotSourceOptions extends SnapshotOptions {
  readonly stream: DurableStream
  /** What `stream` was made of: its headers go with requests to the log's own origin. */
  readonly streamOptions?: DurableStreamOptions | undefined
  readonly times?: ReaderTimes | undefined
  readonly maxEventSize?: number | undefined
  /**
   * Which rows of a snapshot are delivered first; nothing for all of them. Asked for each time that reading begins. What
   * is left out is handed to the sink by `onOlderRows`.
   */
  readonly newest?: (() => NewestRows | undefined) | undefined
}

/** Returns the URL of the index of a log's snapshots. Throws `invalid-options` for one that is none. */
export function resolveIndexUrl(logUrl: string, index: string | undefined): string {
  const log = resolveUrl(logUrl)
  if (index === undefined) return snapshotIndexUrl(log)
  try {
    return new URL(index, log).href
  } catch (cause) {
    throw new StreamDBError('invalid-options', `snapshots.index is no URL: "${index}"`, { cause })
  }
}

/**
 * Returns a source that begins with the newest snapshot, delivered as the first batches, and goes on in the log from the
 * snapshot's offset. From a checkpoint it reads the log alone.
 *
 * Where the log has to be read from its beginning again, it begins with the newest snapshot again. Where there is none
 * that can be used, it reads the log: that costs one request.
 */
export function createSnapshotSource(log: BatchSource, options: SnapshotSourceOptions): BatchSource {
  const { stream, streamOptions, index, until, maxEventSize, newest, times = defaultTimes } = options
  const requestsOn = createSnapshotRequests({ stream, streamOptions })
  const find = createIndexFinder({
    ...{ requestsOn, until, timeout: times.connectTimeout },
    index: resolveIndexUrl(stream.url, index),
  })
  return beginWithSnapshot(log, new SnapshotLoader({ find, requestsOn, times, maxEventSize, newest }), times)
}

/** Where reading stands. */
type Phase =
  | { readonly name: 'snapshot'; readonly skipDelay?: (() => void) | undefined }
  /** `mayHaveSnapshot`: the index could not be read, and the log was not yet. */
  | { readonly name: 'log'; mayHaveSnapshot: boolean }

/** The snapshot that reading of the log began behind. */
interface Begun {
  readonly entry: SnapshotEntry
  readonly bytes: number
  overlap: OverlapCheck | undefined
  /** The log was read behind it: it fits. */
  isProven: boolean
}

function beginWithSnapshot(log: BatchSource, loader: SnapshotLoader, times: ReaderTimes): BatchSource {
  // How often in a row neither could be read.
  let failures = 0
  const pacer = new RequestPacer()
  let phase: Phase = { name: 'snapshot' }
  let sink: BatchSink | undefined
  let running: AbortController | undefined
  let begun: Begun | undefined

  // Never rejects: whatever happens ends as an event.
  async function load({ signal }: AbortController, to: BatchSink, pause: number): Promise<void> {
    try {
      if (pause > 0) {
        const interrupted = new Promise<void>((skipDelay) => (phase = { name: 'snapshot', skipDelay }))
        await delay(pause, signal, interrupted)
      }
      const loaded = await loader.load(to, signal, failures > 0 ? 1 : undefined)
      if (signal.aborted) return
      phase = { name: 'log', mayHaveSnapshot: loaded.type === 'none' && !loaded.isAnswered }
      if (loaded.type === 'none') {
        begun = undefined
        log.start({ offset: start }, toSink)
        return
      }
      const { entry, bytes } = loaded
      const { offset, streamId, overlap } = entry
      if (loaded.older) to.onOlderRows?.(loaded.older)
      begun = { entry, bytes, overlap: overlap && new OverlapCheck(entry, overlap), isProven: false }
      log.start({ offset: overlap?.offset ?? offset, streamId }, toSink)
    } catch (thrown) {
      if (signal.aborted) return
      finish({ type: 'fail', error: toReadFailure(thrown, 'Reading a snapshot failed').error })
    }
  }

  function finish(event: ConnectionEvent): void {
    source.stop()
    sink?.onConnection(event)
  }

  /** What was delivered is void: begins with the newest snapshot that is not known to be unusable. */
  function beginAgain(why: RestartReason): void {
    const own = running
    log.stop()
    if (begun !== undefined && !begun.isProven) loader.refuse(begun.entry)
    begun = undefined
    phase = { name: 'snapshot' }
    try {
      sink?.onRestart(why)
    } catch (error) {
      finish({ type: 'fail', error: toReadFailure(new SinkError(error), 'Restarting failed').error })
    }
    // The sink may have stopped or restarted reading in response.
    if (own !== undefined && own === running && sink !== undefined) void load(own, sink, pacer.next())
  }

  /** A server dropped what lies before the snapshot, and there is nothing to compare: reads on at its offset. */
  function goOnWithoutOverlap(): boolean {
    if (begun?.overlap === undefined || begun.isProven) return false
    const { offset, streamId } = begun.entry
    begun.overlap = undefined
    log.stop()
    log.start({ offset, streamId }, toSink)
    return true
  }

  // What the log delivers goes through here.
  const toSink: BatchSink = {
    onBatch(batch): AfterBatch {
      if (sink === undefined) return { type: 'continue' }
      if (phase.name === 'log') phase.mayHaveSnapshot = false
      failures = 0
      if (begun === undefined) return sink.onBatch(batch)
      const rest = withoutOverlap(begun, batch)
      if (rest === 'differs') beginAgain('snapshot-lost')
      if (typeof rest === 'string') return { type: 'continue' }
      begun.isProven = true
      const { bytes, totalBytes } = rest
      return sink.onBatch({
        ...rest,
        bytes: begun.bytes + bytes,
        totalBytes: totalBytes === undefined ? undefined : begun.bytes + totalBytes,
      })
    },
    onSeekRefused: (offset) => sink?.onSeekRefused(offset),
    onRestart(why) {
      if (why !== 'stream-gone' || !goOnWithoutOverlap()) beginAgain(why)
    },
    onConnection(event) {
      // Said when this source was started.
      if (event.type === 'start') return
      // An overlap may begin where the log did: there is nothing before that to begin with again.
      if (isGone(event) && goOnWithoutOverlap()) return
      if (phase.name === 'log' && phase.mayHaveSnapshot && (event.type === 'break' || isGone(event))) {
        // Neither could be read: whichever can be read first is.
        const own = running
        log.stop()
        // To the log each time is the first one: it is here that they are counted.
        const attempt = ++failures
        phase = { name: 'snapshot' }
        if (attempt > times.maxRetries) return finish({ type: 'fail', error: event.error })
        const now = Date.now()
        const pause = backoff(times, attempt)
        const ms =
          event.type === 'break' ? Math.max(pause, event.nextTry - now) : Math.max(pause, pacer.next())
        if (event.type === 'break') sink?.onConnection({ ...event, attempt, nextTry: now + ms })
        if (own !== undefined && own === running && sink !== undefined) void load(own, sink, ms)
        return
      }
      if (event.type === 'end' || event.type === 'fail') running = undefined
      sink?.onConnection(event)
    },
    ready: () => sink?.ready() ?? Promise.resolve(),
  }

  const source: BatchSource = {
    start(from, given) {
      if (running !== undefined) return
      sink = given
      failures = 0
      const own = (running = new AbortController())
      given.onConnection({ type: 'start' })
      // The sink may have called stop() in response.
      if (own.signal.aborted) return
      if (from !== undefined && from.offset !== start) {
        begun = undefined
        loader.restart()
        phase = { name: 'log', mayHaveSnapshot: false }
        log.start(from, toSink)
      } else if (from === undefined && phase.name === 'log') log.start(undefined, toSink)
      else void load(own, given, 0)
    },
    stop() {
      running?.abort()
      running = undefined
      log.stop()
    },
    restart(reason) {
      if (sink === undefined) return
      const given = sink
      source.stop()
      loader.restart()
      begun = undefined
      phase = { name: 'snapshot' }
      given.onRestart(reason)
      source.start(undefined, given)
    },
    retryNow() {
      if (phase.name === 'log') return log.retryNow()
      phase.skipDelay?.()
      loader.retryNow()
    },
    verify(reason) {
      if (phase.name === 'log') log.verify(reason)
    },
  }
  return source
}

/** Returns what is left of a batch without the items that the snapshot holds already. */
function withoutOverlap(begun: Begun, batch: Batch): Batch | 'nothing' | 'differs' {
  if (begun.overlap === undefined) return batch
  const verdict = begun.overlap.take(batch)
  if (begun.overlap.isOver) begun.overlap = undefined
  return verdict.type === 'batch' ? verdict.batch : verdict.type
}

/** A server that drops old data answers so at the log's beginning: only a snapshot helps. */
function isGone(event: ConnectionEvent): event is Extract<ConnectionEvent, { readonly type: 'fail' }> {
  return event.type === 'fail' && event.error.status === 410
}

import {
  createHttpSource,
  createSnapshotSource,
  defaultTimes,
  openStream,
  randomId,
  resolveIndexUrl,
  snapshotIndexUrl,
  StreamDBError,
} from '@streamdb/log'
import type { SnapshotEntry } from '@streamdb/log'
import { deleteOld } from './delete-old.ts'
import { Folding } from './folding.ts'
import {
  appendToIndex,
  findIndex,
  forkEvent,
  recordEvents,
  shortenIndex,
  unfinishedEvent,
} from './index-writer.ts'
import { writeSnapshot } from './snapshot-writer.ts'
import type { NewestPlan } from './snapshot-writer.ts'
import { beside, send } from './stream-client.ts'
import type { StreamLocation } from './stream-client.ts'

/** What to compact, and how. */
export interface CompactOptions {
  /** The log: its URL, or with the headers, parameters and fetch that reach it. */
  readonly source: string | StreamLocation
  /**
   * The index of the snapshots; a relative URL is resolved against the log's. Default: the log's with `.snapshots`. On
   * another origin it is given headers of its own. Snapshots are written beside it.
   */
  readonly index?: string | StreamLocation | undefined
  /** A snapshot is made where so many events were appended since the last one. Default 1. */
  readonly minEvents?: number | undefined
  /** How many snapshots are kept, the new one included. Default 2. */
  readonly keep?: number | undefined
  /** For how many milliseconds an older one is kept all the same: readers and caches may be reading it. Default 600,000. */
  readonly grace?: number | undefined
  /** The largest body that is sent, in bytes; what is larger is written page by page. Default 1,000,000. */
  readonly maxBody?: number | undefined
  /** How many rows a page has at most, where there are several. Default 2,000. */
  readonly pageRows?: number | undefined
  /** What readers with the option `load` read first. Default: they need the types whole that have few rows. */
  readonly newest?: NewestPlan | undefined
  /** What the log was forked from, and where: the snapshots of its source up to there are its own. */
  readonly forkedFrom?: { readonly url: string; readonly offset: string } | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a run came to. */
export type Compaction =
  | { readonly type: 'written'; readonly snapshot: SnapshotEntry; readonly deleted: readonly string[] }
  | {
      readonly type: 'skipped'
      readonly why:
        /** Fewer events than `minEvents` since the last snapshot. */
        | 'too-few-events'
        /** The log is empty, or a snapshot of the log is open and no position before it is known. */
        | 'no-position'
      readonly deleted: readonly string[]
    }

/**
 * Writes a snapshot of a log, where enough was appended since the last one, records it in the index and deletes old ones.
 *
 * It reads the last snapshot and the log behind it, not the whole log. Any number of these may run at once, and writers
 * go on meanwhile. Throws a `StreamDBError`, and the signal's reason; then nothing is recorded.
 *
 * @example
 * ```ts
 * const compaction = await compactStream({ source: url })
 * console.log(compaction.type)
 * ```
 */
export function compactStream(options: CompactOptions): Promise<Compaction> {
  return createCompaction(options)(options.signal)
}

/** Returns what compacts a log again and again; what was read is kept between the runs. */
export function createCompaction(options: CompactOptions): (signal?: AbortSignal) => Promise<Compaction> {
  const { source, index: given, minEvents = 1, keep = 2, grace = 600_000, forkedFrom } = options
  const { maxBody = 1_000_000, pageRows = 2_000, newest: plan } = options
  check({ minEvents, keep, grace, maxBody, pageRows })
  const log = typeof source === 'string' ? { url: source } : source
  const index = indexLocation(log, given)
  const folding = new Folding(readFrom(log, index.url))
  return async (signal = new AbortController().signal) => {
    const head = await send(log, { method: 'HEAD', accept: [405, 501], signal })
    let known = await findIndex(index, signal)
    const fork = known.forkedFrom ? undefined : forkOf(head.headers, log, forkedFrom)
    if (fork !== undefined) {
      await appendToIndex(index, [forkEvent(snapshotIndexUrl(fork.url), fork.offset)], signal)
      known = { ...known, forkedFrom: { index: snapshotIndexUrl(fork.url), offset: fork.offset } }
    }
    const [newest] = known.entries
    // Nothing was appended since the last snapshot: there is no need to read it.
    const isUnread =
      folding.checkpoint === undefined && newest?.offset === head.headers.get('stream-next-offset')
    if (!isUnread) await folding.read(newest?.offset, signal)
    const { boundary } = folding
    const isKnown =
      boundary !== undefined && known.entries.some(({ offset }) => offset === boundary.checkpoint.offset)
    const isTooEarly = isKnown || folding.events < minEvents
    const isNowhere = boundary === undefined && !isUnread
    const why = isNowhere ? 'no-position' : isTooEarly ? 'too-few-events' : undefined
    let snapshot: SnapshotEntry | undefined
    if (boundary !== undefined && why === undefined) {
      const madeAt = new Date().toISOString()
      const name = `./${nameOf(index.url)}.${encodeURIComponent(boundary.checkpoint.offset)}.${randomId().slice(0, 8)}`
      const url = new URL(name, index.url).href
      let isUnfinished = false
      const content = { boundary, rows: folding.state.rows(), txids: folding.txids }
      const written = await writeSnapshot(content, {
        ...{ maxBody, pageRows, newest: plan, signal, location: beside(index, url) },
        async onUnfinished() {
          isUnfinished = true
          await appendToIndex(index, [unfinishedEvent(name, madeAt)], signal)
        },
      })
      snapshot = { ...written, url, madeAt }
      await appendToIndex(index, recordEvents(snapshot, name, isUnfinished), signal)
      folding.markWritten()
    }
    const deleted = await deleteOld(index, await findIndex(index, signal), {
      ...{ keep, grace, signal },
      end: folding.checkpoint,
    })
    await shortenIndex(index, signal)
    if (snapshot !== undefined) return { type: 'written', snapshot, deleted }
    return { type: 'skipped', why: why ?? 'too-few-events', deleted }
  }
}

/** Returns a source of the log that begins with its newest snapshot. */
function readFrom({ url, headers, params, fetch }: StreamLocation, index: string) {
  const given = { url, ...(headers && { headers }), ...(params && { params }), ...(fetch && { fetch }) }
  const { stream, streamOptions } = openStream({ ...given, warnOnHttp: false })
  const times = { ...defaultTimes, maxRetries: 10 }
  const log = createHttpSource({ stream, streamOptions, live: false, times })
  return createSnapshotSource(log, { stream, streamOptions, index, times })
}

/** Returns where the index is, and what reaches it: what reaches the log, on the log's own origin. */
function indexLocation(log: StreamLocation, given: string | StreamLocation | undefined): StreamLocation {
  if (typeof given === 'object') return given
  const url = resolveIndexUrl(log.url, given)
  if (new URL(url).origin === new URL(log.url).origin) return { ...log, url }
  return { url, ...(log.fetch && { fetch: log.fetch }) }
}

/** Returns what a log was forked from: as the caller says, or as its server does. */
function forkOf(
  headers: Headers,
  log: StreamLocation,
  given: CompactOptions['forkedFrom'],
): { readonly url: string; readonly offset: string } | undefined {
  if (given !== undefined) return given
  const source = headers.get('stream-forked-from')
  const offset = headers.get('stream-fork-offset')
  return source && offset ? { url: new URL(source, log.url).href, offset } : undefined
}

/** Returns the last part of a URL's path. */
function nameOf(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? ''
}

function check(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (typeof value === 'number' && value >= 0 && (value > 0 || name === 'grace' || name === 'minEvents'))
      continue
    throw new StreamDBError(
      'invalid-options',
      `${name}: expected a number above 0 but received ${String(value)}`,
    )
  }
}

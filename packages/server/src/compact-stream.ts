import {
  createHttpSource,
  createSnapshotSource,
  defaultTimes,
  openStream,
  resolveIndexUrl,
  snapshotIndexUrl,
  StreamDBError,
} from '@streamdb/log'
import type { SnapshotEntry } from '@streamdb/log'
import { deleteOld } from './delete-old.ts'
import { Folding } from './folding.ts'
import { appendToIndex, findIndex, forkEvent, shortenIndex } from './index-writer.ts'
import { recordSnapshot } from './record-snapshot.ts'
import type { NewestPlan } from './snapshot-writer.ts'
import { send } from './stream-client.ts'
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
  /**
   * The largest body that is sent, in bytes; what is larger is written page by page. Smaller ones are tried where that is
   * refused with 413. Default 1,000,000.
   */
  readonly maxBody?: number | undefined
  /** How many rows a page has at most, where there are several. Default 2,000. */
  readonly pageRows?: number | undefined
  /** What readers with the option `load` read first. Default: they need the types whole that have few rows. */
  readonly newest?: NewestPlan | undefined
  /** What the log was forked from, and where: the snapshots of its source up to there are its own. */
  readonly forkedFrom?: { readonly url: string; readonly offset: string } | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a run did beside writing a snapshot. */
interface Deleted {
  /** The URLs of older snapshots that were deleted. */
  readonly deleted: readonly string[]
  /** Why others were not, that are to be deleted: the next run tries it again. */
  readonly failed: readonly StreamDBError[]
}

/** What a run came to. */
export type Compaction =
  | (Deleted & { readonly type: 'written'; readonly snapshot: SnapshotEntry })
  | (Deleted & {
      readonly type: 'skipped'
      readonly why:
        /** Fewer events than `minEvents` since the last snapshot. */
        | 'too-few-events'
        /** A snapshot of the log is open, and no position before it is known. */
        | 'no-position'
    })

/**
 * Writes a snapshot of a log, where enough was appended since the last one, records it in the index and deletes old ones.
 *
 * It reads the last snapshot and the log behind it, not the whole log. Any number of these may run at once, and writers
 * go on meanwhile. Throws a `StreamDBError`, and the signal's reason. A snapshot that was recorded before stays: a run that is
 * repeated writes no other one at the same offset.
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
  const place = indexLocation(log, given)
  const folding = new Folding(readFrom(log, place.url))
  let bodySize = maxBody
  return async (signal = new AbortController().signal) => {
    const head = await send(log, { method: 'HEAD', accept: [405, 501], signal })
    const index = { ...place, lifetime: lifetimeOf(head.headers) }
    let known = await findIndex(index, signal)
    const fork = known.forkedFrom ? undefined : forkOf(head.headers, log, forkedFrom)
    if (fork !== undefined) {
      const source = relativeTo(index.url, snapshotIndexUrl(fork.url))
      await appendToIndex(index, [forkEvent(source, fork.offset)], signal)
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
      const content = { boundary, rows: folding.state.rows(), txids: folding.txids }
      const recorded = await recordSnapshot(content, {
        index,
        signal,
        maxBody: bodySize,
        pageRows,
        newest: plan,
      })
      snapshot = recorded.snapshot
      bodySize = recorded.maxBody
      folding.markWritten()
    }
    const old = await deleteOld(index, await findIndex(index, signal), {
      ...{ keep, grace, signal },
      end: folding.checkpoint,
    })
    await shortenIndex(index, signal)
    if (snapshot !== undefined) return { type: 'written', snapshot, ...old }
    return { type: 'skipped', why: why ?? 'too-few-events', ...old }
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

/**
 * Returns how an index names another one: relative where it can be, so that it serves behind any proxy, and without the
 * parameters that requests to the index have anyway, as they may be credentials.
 */
function relativeTo(indexUrl: string, url: string): string {
  const index = new URL(indexUrl)
  const target = new URL(url)
  if (target.origin !== index.origin) return target.href
  for (const [name, value] of index.searchParams) {
    if (target.searchParams.get(name) === value) target.searchParams.delete(name)
  }
  const folder = index.pathname.slice(0, index.pathname.lastIndexOf('/') + 1)
  const { pathname, search } = target
  return `${pathname.startsWith(folder) ? `./${pathname.slice(folder.length)}` : pathname}${search}`
}

/** Returns until when a log lives, as its server says: what is made of it lives for as long. */
function lifetimeOf(headers: Headers): Readonly<Record<string, string>> {
  // One of them: servers refuse both.
  for (const name of ['Stream-Expires-At', 'Stream-TTL']) {
    const value = headers.get(name)
    if (value !== null) return { [name]: value }
  }
  return {}
}

/** The options that may be 0, and those that are whole numbers. */
const mayBeZero = ['grace', 'minEvents']
const whole = ['keep', 'pageRows']

function check(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    const isWhole = !whole.includes(name) || Number.isInteger(value) || value === Infinity
    if (typeof value === 'number' && isWhole && (value > 0 || (value === 0 && mayBeZero.includes(name))))
      continue
    const what = `${whole.includes(name) ? 'a whole number' : 'a number'} ${mayBeZero.includes(name) ? 'from 0' : 'above 0'}`
    throw new StreamDBError('invalid-options', `${name}: expected ${what} but received ${String(value)}`)
  }
}

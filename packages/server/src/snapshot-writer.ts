import { fewUrl, mostTxids, randomId, snapshotFormat, StreamDBError } from '@streamdb/log'
import type { SnapshotEntry, SnapshotFew, SnapshotPage } from '@streamdb/log'
import type { Boundary } from './boundary.ts'
import type { OrderedRow } from './ordered-state.ts'
import { send } from './stream-client.ts'
import type { Location } from './stream-client.ts'

/** What a snapshot is made of. */
export interface SnapshotContent {
  readonly boundary: Boundary
  /** In the order of their first insertion. */
  readonly rows: readonly OrderedRow[]
  /** The last transactions, oldest first. */
  readonly txids: readonly string[]
}

/** What readers of a log show first: what they need beside the newest rows is written beside the pages once more. */
export interface NewestPlan {
  /** The types of which they read the newest rows, as in `load: { of }`. They need the rows of all others. */
  readonly of: readonly string[]
  /** Whether they need a row of these types all the same: one that is still worked on, say. */
  readonly needs?: ((row: Pick<OrderedRow, 'type' | 'key' | 'value'>) => boolean) | undefined
}

/** How a snapshot is written. */
export interface SnapshotWriterOptions {
  /** Where the snapshot goes: a stream that does not exist. */
  readonly location: Location
  /** The largest body that is sent, in bytes; a single row may be larger. */
  readonly maxBody: number
  /** How many rows a page has at most, where there are several. */
  readonly pageRows: number
  readonly newest?: NewestPlan | undefined
  readonly signal?: AbortSignal | undefined
  /** Called before the first of several requests: until the last one there is a stream that is no snapshot. */
  readonly onUnfinished: () => Promise<void>
}

/** One request's part of a snapshot. */
interface Page {
  readonly body: string
  readonly bytes: number
  readonly rows: number
}

const json = { 'content-type': 'application/json' }
const closing = { 'Stream-Closed': 'true' }

/** Writes a snapshot: by one request where it fits, page by page otherwise; returns what the index is to say of it. */
export async function writeSnapshot(
  content: SnapshotContent,
  { location, maxBody, pageRows, newest, signal, onUnfinished }: SnapshotWriterOptions,
): Promise<Omit<SnapshotEntry, 'url' | 'madeAt'>> {
  const { rows, boundary } = content
  const { offset, streamId } = boundary.checkpoint
  const parts = pagesOf(content, maxBody, pageRows)
  const [first] = parts
  const isOne = parts.length === 1
  const pages: SnapshotPage[] = [
    { offset: '-1', rows: first.rows, ...(!isOne && { types: countTypes(rows.slice(0, first.rows)) }) },
  ]
  let few: SnapshotFew | undefined
  if (isOne) {
    // Create and close is atomic: a half-written snapshot of this kind cannot exist.
    const headers = { ...json, ...closing }
    const answer = await send(location, { method: 'PUT', headers, body: first.body, signal })
    assertClosed(answer.headers, location)
  } else {
    await onUnfinished()
    few = await writeFew(rows, { location, maxBody, newest, signal })
    let answer = await send(location, { method: 'PUT', headers: json, body: first.body, signal })
    const producer = randomId()
    let begin = first.rows
    for (const [index, { body, rows: count }] of parts.slice(1).entries()) {
      const next = answer.headers.get('stream-next-offset')
      if (next === null) throw new StreamDBError('write-failed', `${location.url}: no Stream-Next-Offset`)
      // So that a reader knows where the newest rows of a type are, and where the only ones of another.
      pages.push({ offset: next, rows: count, types: countTypes(rows.slice(begin, begin + count)) })
      begin += count
      const isLast = index === parts.length - 2
      const headers = {
        ...json,
        ...(isLast && closing),
        // A request that is sent again is stored once.
        ...{ 'Producer-Id': producer, 'Producer-Epoch': '0', 'Producer-Seq': String(index) },
      }
      answer = await send(location, { method: 'POST', headers, body, signal })
      // The answer to a repeated request may say where the stream ends, and that is there.
    }
    assertClosed(answer.headers, location)
  }
  return {
    ...{ format: snapshotFormat, offset, rows: rows.length, pages, types: countTypes(rows) },
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
    ...(streamId !== undefined && { streamId }),
    ...(boundary.overlap && { overlap: boundary.overlap }),
    ...(few && { few }),
  }
}

/** So small a share of the rows are few. */
const fewShare = 0.2

/** Returns the types that have few rows, together: never the one that has the most. */
export function findFew(types: Readonly<Record<string, number>>): readonly string[] {
  const sorted = Object.entries(types).sort(([, a], [, b]) => a - b)
  const total = sorted.reduce((sum, [, rows]) => sum + rows, 0)
  let count = 0
  return sorted
    .slice(0, -1)
    .filter(([, rows]) => (count += rows) <= total * fewShare)
    .map(([type]) => type)
}

/** Writes the rows of types that have few once more, beside the snapshot; nothing where they are too many for a request. */
async function writeFew(
  rows: readonly OrderedRow[],
  {
    location,
    maxBody,
    newest,
    signal,
  }: Pick<SnapshotWriterOptions, 'location' | 'maxBody' | 'newest' | 'signal'>,
): Promise<SnapshotFew | undefined> {
  const counts = countTypes(rows)
  const types = newest ? Object.keys(counts).filter((type) => !newest.of.includes(type)) : findFew(counts)
  const texts = rows.filter((row) => types.includes(row.type) || newest?.needs?.(row) === true).map(rowText)
  const body = `[${texts.join(',')}]`
  if (texts.length === 0 || new TextEncoder().encode(body).byteLength > maxBody) return undefined
  const headers = { ...json, ...closing }
  await send({ ...location, url: fewUrl(location.url) }, { method: 'PUT', headers, body, signal })
  return { types, rows: texts.length }
}

/** Counts rows by type. */
function countTypes(rows: readonly OrderedRow[]): Record<string, number> {
  const types: Record<string, number> = {}
  for (const { type } of rows) {
    const value = (Object.hasOwn(types, type) ? (types[type] ?? 0) : 0) + 1
    // Defined, not assigned: `__proto__` is a type like any other (SPEC P5).
    Object.defineProperty(types, type, { value, enumerable: true, configurable: true, writable: true })
  }
  return types
}

/** Cuts a snapshot into the bodies of requests: one, where everything fits. */
export function pagesOf(
  { boundary, rows, txids }: SnapshotContent,
  maxBody: number,
  pageRows: number,
): readonly [Page, ...Page[]] {
  const { offset, streamId } = boundary.checkpoint
  const snapshot = { format: snapshotFormat, offset, ...(streamId !== undefined && { streamId }) }
  const headers = { control: 'snapshot-start', snapshot, txids: txids.slice(-mostTxids) }
  const start = JSON.stringify({ headers })
  const end = JSON.stringify({ headers: { control: 'snapshot-end', snapshot: { rows: rows.length } } })
  const texts = rows.map(rowText)
  const sizes = texts.map((text) => new TextEncoder().encode(text).byteLength + 1)
  const frame = start.length + end.length + 4
  const total = sizes.reduce((sum, size) => sum + size, frame)
  if (total <= maxBody) return [toPage([start, ...texts, end], rows.length)]
  const pages: Page[] = []
  let items = [start]
  let bytes = frame
  let count = 0
  for (const [index, text] of texts.entries()) {
    const size = sizes[index] ?? 0
    if (count > 0 && (count >= pageRows || bytes + size > maxBody)) {
      pages.push(toPage(items, count))
      items = []
      bytes = frame
      count = 0
    }
    items.push(text)
    bytes += size
    count++
  }
  const last = toPage([...items, end], count)
  const [first, ...rest] = pages
  return first === undefined ? [last] : [first, ...rest, last]
}

function toPage(items: readonly string[], rows: number): Page {
  const body = `[${items.join(',')}]`
  return { body, rows, bytes: new TextEncoder().encode(body).byteLength }
}

function rowText({ type, key, value, headers }: OrderedRow): string {
  return JSON.stringify({ type, key, value, headers: { ...headers, operation: 'insert' } })
}

function assertClosed(headers: Headers, { url }: Location): void {
  if (headers.has('stream-closed')) return
  throw new StreamDBError(
    'write-failed',
    `${url} was written, and its server does not say that it is closed: expected Stream-Closed in the answer. ` +
      'Snapshots need a server that closes streams.',
  )
}

/**
 * The format of snapshots and of their index, as docs/snapshots.md specifies it. Wire words are spelled here, and
 * nowhere else.
 */

/** The version that is written, and the newest one that is read: what is newer is left alone. */
export const snapshotFormat = 1

/** How many of the last transactions before a snapshot its head names at most. */
export const mostTxids = 1000

/** Where a page of a snapshot begins in its stream, and how many rows it has. */
export interface SnapshotPage {
  readonly offset: string
  readonly rows: number
  /** Its rows by type, where the snapshot has several pages; own members only, as a type may be named `__proto__`. */
  readonly types?: Readonly<Record<string, number>> | undefined
}

/** What the stream beside a snapshot has. */
export interface SnapshotFew {
  readonly types: readonly string[]
  readonly rows: number
}

/** Returns the URL of the stream beside a snapshot that has the rows of `few`. */
export function fewUrl(snapshotUrl: string): string {
  return `${snapshotUrl}.few`
}

/**
 * Items of the log that lie right before a snapshot's offset. A reader starts at `offset`, compares them and drops them:
 * they tell that the log is the one that the snapshot was made of.
 */
export interface SnapshotOverlap {
  /** Where the items begin in the log. */
  readonly offset: string
  readonly items: number
  /** What `hashItems` makes of them. */
  readonly hash: string
}

/** What the index says of a complete snapshot. */
export interface SnapshotEntry {
  readonly format: number
  /** The snapshot's stream; absolute once it is read. */
  readonly url: string
  /** Where the log goes on behind the snapshot. */
  readonly offset: string
  /** The stream that the offset is of, where its server says which. */
  readonly streamId?: string | undefined
  readonly overlap?: SnapshotOverlap | undefined
  /** Rows of all types. */
  readonly rows: number
  /** Of the bodies that were written, in UTF-8. */
  readonly bytes: number
  /** Oldest rows first. A page's rows are those from its offset on; the next page begins behind them. */
  readonly pages: readonly SnapshotPage[]
  /**
   * The types of which there are few rows. A second stream, `fewUrl`, has all of these rows once more, in their order:
   * a reader of only the last pages gets them by one request. Only where there are several pages. It may have single rows of
   * other types beside them, which a reader needs before it reads their pages.
   */
  readonly few?: SnapshotFew | undefined
  /** Rows by type: own members only, as a type may be named `__proto__`. */
  readonly types: Readonly<Record<string, number>>
  /** RFC 3339. */
  readonly madeAt: string
}

/** What the index says of a snapshot that is being written, or was torn. */
export interface UnfinishedSnapshot {
  readonly url: string
  readonly madeAt: string
}

/** What the index of a fork says of the stream that it was forked from. */
export interface ForkedFrom {
  /** The index of the source; absolute once it is read. */
  readonly index: string
  /** Where the fork leaves its source: snapshots up to here serve the fork. */
  readonly offset: string
}

/** The types of the index's rows. */
export const indexTypes = {
  snapshot: 'snapshot',
  writing: 'snapshot-writing',
  fork: 'snapshot-fork',
} as const

/** Returns the URL of a stream's index, unless told otherwise: its own with `.snapshots` behind the path. */
export function snapshotIndexUrl(sourceUrl: string): string {
  const url = new URL(sourceUrl)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}.snapshots`
  url.hash = ''
  return url.href
}

/** Returns what a value of the index says of a snapshot; nothing where it is of a newer format, or makes no sense. */
export function parseEntry(value: unknown, indexUrl: string): SnapshotEntry | undefined {
  const entry = Object(value) as { readonly [Name in keyof SnapshotEntry]?: unknown } // looked at, whatever it is
  const { format, offset, streamId, rows, bytes, pages, types, madeAt } = entry
  const url = absolute(entry.url, indexUrl)
  if (!isCount(format) || format < 1 || format > snapshotFormat) return undefined
  if (url === undefined || !isText(offset) || !isCount(rows) || !isCount(bytes)) return undefined
  if (!isText(madeAt) || !Array.isArray(pages) || !pages.every(isPage)) return undefined
  if (typeof types !== 'object' || types === null) return undefined
  const overlap = parseOverlap(entry.overlap)
  const few = parseFew(entry.few)
  return {
    ...{ format, url, offset, rows, bytes, pages, madeAt },
    types: types as Record<string, number>, // shown to people, and compared with nothing
    ...(isText(streamId) && { streamId }),
    ...(overlap && { overlap }),
    ...(few && { few }),
  }
}

function parseFew(value: unknown): SnapshotFew | undefined {
  const { types, rows } = Object(value) as { readonly [Name in keyof SnapshotFew]?: unknown } // as above
  return Array.isArray(types) && types.every(isText) && isCount(rows) ? { types, rows } : undefined
}

/** Returns what a value of the index says of an unfinished snapshot. */
export function parseUnfinished(value: unknown, indexUrl: string): UnfinishedSnapshot | undefined {
  const { url, madeAt } = Object(value) as { readonly url?: unknown; readonly madeAt?: unknown } // as above
  const resolved = absolute(url, indexUrl)
  return resolved !== undefined && isText(madeAt) ? { url: resolved, madeAt } : undefined
}

/** Returns what a value of the index says of the stream that this one was forked from. */
export function parseFork(value: unknown, indexUrl: string): ForkedFrom | undefined {
  const { index, offset } = Object(value) as { readonly index?: unknown; readonly offset?: unknown } // as above
  const resolved = absolute(index, indexUrl)
  return resolved !== undefined && isText(offset) ? { index: resolved, offset } : undefined
}

/** What the first item of a snapshot says. */
export interface SnapshotHead {
  readonly format: number
  readonly offset: string
}

/** Returns what the first item of a snapshot says; nothing where the item is none that can be read. */
export function parseHead(item: unknown): SnapshotHead | undefined {
  const { control, snapshot } = headersOf(item)
  const { format, offset } = Object(snapshot) as { readonly format?: unknown; readonly offset?: unknown } // as above
  if (control !== 'snapshot-start' || !isCount(format) || !isText(offset)) return undefined
  return { format, offset }
}

/** Returns how many rows the last item of a snapshot counts; nothing where the item is none. */
export function parseEnd(item: unknown): number | undefined {
  const { control, snapshot } = headersOf(item)
  const { rows } = Object(snapshot) as { readonly rows?: unknown } // as above
  return control === 'snapshot-end' && isCount(rows) ? rows : undefined
}

/** Returns the headers of an item, of which nothing is known yet. */
export function headersOf(item: unknown): Readonly<Record<string, unknown>> {
  const { headers } = Object(item) as { readonly headers?: unknown } // as above
  return Object(headers) as Record<string, unknown> // as above
}

/**
 * Returns what tells a run of items from another: FNV-1a of 32 bits over the UTF-16 units, low byte first, of each
 * item's JSON text with a line feed behind it, as eight hexadecimal digits. A server's stamp (`headers.offset`) is left out.
 */
export function hashItems(items: Iterable<unknown>): string {
  let hash = 0x811c9dc5
  for (const item of items) {
    const text = `${textOf(item)}\n`
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index)
      hash = Math.imul(hash ^ (unit & 0xff), 0x01000193)
      hash = Math.imul(hash ^ (unit >>> 8), 0x01000193)
    }
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/** Returns an item's JSON text without the offset that a server may stamp on it. */
export function textOf(item: unknown): string {
  const text = JSON.stringify(item, function (this: unknown, name: string, value: unknown) {
    return name === 'offset' && this === headersOf(item) ? undefined : value
  })
  return text ?? 'null' // JSON has no `undefined`
}

function parseOverlap(value: unknown): SnapshotOverlap | undefined {
  const { offset, items, hash } = Object(value) as { readonly [Name in keyof SnapshotOverlap]?: unknown } // as above
  return isText(offset) && isCount(items) && items > 0 && isText(hash) ? { offset, items, hash } : undefined
}

function isPage(value: unknown): value is SnapshotPage {
  const { offset, rows, types } = Object(value) as { readonly [Name in keyof SnapshotPage]?: unknown } // as above
  return isText(offset) && isCount(rows) && (types === undefined || isCounts(types))
}

function isCounts(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isCount)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function absolute(url: unknown, base: string): string | undefined {
  if (!isText(url)) return undefined
  try {
    const { href, protocol } = new URL(url, base)
    return protocol === 'http:' || protocol === 'https:' ? href : undefined
  } catch {
    return undefined
  }
}

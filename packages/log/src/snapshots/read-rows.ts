import type { ReaderTimes } from '../backoff.ts'
import { HttpError, isPassing } from '../http-error.ts'
import { readPage } from '../read-page.ts'
import { withTimeout } from '../timeout.ts'
import { start } from '../offsets.ts'
import { fewUrl } from './format.ts'
import type { SnapshotEntry } from './format.ts'
import { checkItems, mostBarren, UnusableSnapshot } from './read-snapshot.ts'
import type { RequestsOn } from './snapshot-requests.ts'

/** What reading pages of a snapshot works with. */
export interface ReadRowsOptions {
  readonly requestsOn: RequestsOn
  readonly times: Pick<ReaderTimes, 'connectTimeout' | 'idleTimeout'>
  readonly maxEventSize?: number | undefined
  readonly signal: AbortSignal
}

/** Some pages of a snapshot that follow each other. */
export interface PageRange {
  readonly from: number
  /** The page behind them. */
  readonly to: number
}

/**
 * Reads the items of some pages; one attempt. Before the rows of the first page comes the snapshot's first item; a range
 * without pages is that item alone.
 *
 * Throws `UnusableSnapshot`, and whatever else a request throws.
 */
export async function readRows(
  entry: SnapshotEntry,
  { from, to }: PageRange,
  { requestsOn, times, maxEventSize, signal }: ReadRowsOptions,
): Promise<readonly unknown[]> {
  const { url, pages } = entry
  const requests = requestsOn(url)
  const first = from === 0 ? 0 : 1 + count(pages.slice(0, from))
  const wanted = count(pages.slice(from, to)) + (from === 0 ? 1 : 0)
  const items: unknown[] = []
  let offset = pages[from]?.offset ?? ''
  let barren = 0
  try {
    while (items.length < wanted) {
      const position = { offset }
      const before = items.length
      await withTimeout(signal, times.connectTimeout, (attempt, resetTimer) =>
        readPage(
          {
            ...{ requests, position, isLongPoll: false, signal: attempt, maxEventSize },
            // The first item alone: the response goes on to the snapshot's end.
            enough: wanted === 1 ? 16 * 1024 : undefined,
            onActivity: () => resetTimer(times.idleTimeout),
          },
          async ({ items: more, complete, head }) => {
            // The response goes on to the snapshot's end: what lies behind the range is not waited for.
            for (const item of more) if (items.length < wanted) items.push(item)
            if (items.length === wanted) return 'stop'
            if (!complete) return 'continue'
            if (head.upToDate || head.closed || head.offset === undefined || head.offset === offset) {
              throw new UnusableSnapshot(`${url} has fewer rows than its index says`)
            }
            offset = head.offset
            return 'continue'
          },
        ),
      )
      barren = items.length === before ? barren + 1 : 0
      if (barren > mostBarren) throw new UnusableSnapshot(`${url} leads on, and has nothing`)
    }
  } catch (error) {
    // A server that is there, and does not give it: the compactor deleted it, or it was never there for this reader.
    if (error instanceof HttpError && !isPassing(error.status)) {
      throw new UnusableSnapshot(`${url}: ${error.message}`, { cause: error })
    }
    throw error
  }
  return checkItems(entry, first, items, false)
}

/** Reads the rows of the types of which there are few; one attempt. Throws as `readRows` does. */
export function readFew(entry: SnapshotEntry, options: ReadRowsOptions): Promise<readonly unknown[]> {
  const { rows = 0 } = entry.few ?? {}
  // As a snapshot whose first page, with its first item, is left out.
  const pages = [
    { offset: '', rows: 0 },
    { offset: start, rows },
  ]
  return readRows({ ...entry, url: fewUrl(entry.url), rows, pages }, { from: 1, to: 2 }, options)
}

function count(pages: SnapshotEntry['pages']): number {
  return pages.reduce((sum, { rows }) => sum + rows, 0)
}

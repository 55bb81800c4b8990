import type { ReaderTimes } from '../backoff.ts'
import type { Batch } from '../batch-source.ts'
import { HttpError, isPassing } from '../http-error.ts'
import { start } from '../offsets.ts'
import { readPage } from '../read-page.ts'
import type { PagePart } from '../read-page.ts'
import type { Requests } from '../requests.ts'
import { TooLargeItem } from '../too-large-item.ts'
import { withTimeout } from '../timeout.ts'
import { headersOf, parseEnd, parseHead, snapshotFormat } from './format.ts'
import type { SnapshotEntry } from './format.ts'

/** A snapshot that cannot be used: it is gone, torn, or not what the index says. Another one may be. */
export class UnusableSnapshot extends Error {
  override readonly name = 'UnusableSnapshot'
}

/** How far a snapshot was read. It moves behind complete pages alone. */
export interface SnapshotProgress {
  readonly offset: string
  /** Items, the first one of the snapshot included. */
  readonly items: number
  readonly bytes: number
  /** How many responses in a row had no item. */
  readonly barren: number
}

/** The progress of a snapshot of which nothing was read yet. */
export const snapshotStart: SnapshotProgress = { offset: start, items: 0, bytes: 0, barren: 0 }

/** So many responses in a row may have no item, and lead on: then it is no snapshot. */
export const mostBarren = 20

/** What reading a page of a snapshot works with. */
export interface ReadSnapshotOptions {
  readonly requests: Requests
  readonly times: Pick<ReaderTimes, 'connectTimeout' | 'idleTimeout'>
  readonly maxEventSize?: number | undefined
  readonly signal: AbortSignal
  /** Takes a part of the snapshot; resolves when the next may come. */
  readonly take: (batch: Batch) => Promise<void>
}

/**
 * Reads the response at `from` of a snapshot, and delivers it as batches of one large response: from the log's beginning
 * to the snapshot's offset. Returns how far that was, and nothing at the snapshot's end.
 *
 * Throws `UnusableSnapshot`, and whatever else a request throws: reading can then go on at `from`, and the parts of this
 * response are delivered again. The last part is delivered only once everything adds up.
 */
export async function readSnapshotPage(
  entry: SnapshotEntry,
  from: SnapshotProgress,
  { requests, times, maxEventSize, signal, take }: ReadSnapshotOptions,
): Promise<SnapshotProgress | undefined> {
  let next: SnapshotProgress | undefined
  try {
    await withTimeout(signal, times.connectTimeout, (attempt, resetTimer) =>
      readPage(
        {
          ...{
            requests,
            position: { offset: from.offset },
            isLongPoll: false,
            signal: attempt,
            maxEventSize,
          },
          onActivity: () => resetTimer(times.idleTimeout),
        },
        async (part) => {
          if (attempt.aborted) return 'stop'
          const isLast = part.complete && part.head.closed
          const items = checkItems(entry, from.items + part.first, part.items, isLast)
          if (part.complete && !isLast) next = behind(entry, from, part)
          // The clock is stopped: a slow sink is not a silent server.
          resetTimer(Infinity)
          await take({
            ...{ items, first: from.items + part.first, from: start, offset: entry.offset },
            ...{ complete: isLast, upToDate: false, closed: false },
            bytes: from.bytes + part.bytes,
            totalBytes: Math.max(entry.bytes, from.bytes + part.bytes),
            streamId: entry.streamId,
          })
          resetTimer(times.idleTimeout)
          return 'continue'
        },
      ),
    )
  } catch (error) {
    // A server that is there, and does not give it: the compactor deleted it, or it was never there for this reader.
    if (error instanceof HttpError && !isPassing(error.status)) {
      throw new UnusableSnapshot(`${requests.url}: ${error.message}`, { cause: error })
    }
    throw error
  }
  return next
}

/** Returns the progress behind a response that does not end the snapshot. */
function behind(
  { url }: SnapshotEntry,
  from: SnapshotProgress,
  { head, first, items, bytes }: PagePart,
): SnapshotProgress {
  const { offset, upToDate } = head
  // Complete snapshots are closed: its writer died, or was not done when it was recorded.
  if (upToDate || offset === undefined || offset === from.offset) {
    throw new UnusableSnapshot(`${url} is not closed: it was torn`)
  }
  const count = first + items.length
  const barren = count === 0 ? from.barren + 1 : 0
  if (barren > mostBarren) throw new UnusableSnapshot(`${url} leads on, and has nothing`)
  return { offset, items: from.items + count, bytes: from.bytes + bytes, barren }
}

/**
 * Checks items of a snapshot, of which so many came before, and stamps them with the snapshot's offset: some servers
 * stamp every event with its offset in their own stream, which says nothing in the log.
 */
export function checkItems(
  entry: SnapshotEntry,
  before: number,
  items: readonly unknown[],
  isLast: boolean,
): readonly unknown[] {
  const { url, rows, offset } = entry
  // The rows are framed by two controls.
  const last = rows + 1
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    const at = before + index
    if (at === 0) {
      const head = parseHead(item)
      if (head === undefined || head.offset !== offset || head.format > snapshotFormat) {
        throw new UnusableSnapshot(`${url} does not begin as a snapshot at offset ${offset}`)
      }
    } else if (at === last) {
      if (parseEnd(item) !== rows) throw new UnusableSnapshot(`${url} does not end behind ${rows} rows`)
    } else if (at > last || item instanceof TooLargeItem || headersOf(item)['operation'] !== 'insert') {
      throw new UnusableSnapshot(`${url}: item ${at} of ${last + 1} is no row`)
    }
    stamp(headersOf(item), offset)
  }
  if (isLast && before + items.length !== last + 1) {
    throw new UnusableSnapshot(`${url} ends behind ${before + items.length} items, expected ${last + 1}`)
  }
  return items
}

/** Not `Object.assign`, which allocates for each of many rows. */
function stamp(headers: Record<string, unknown>, offset: string): void {
  if (headers['offset'] !== offset) headers['offset'] = offset
}

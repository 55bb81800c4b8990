import { fold, isChangeEvent, StateIssue } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { isBefore, start } from '../offsets.ts'
import { readPage } from '../read-page.ts'
import type { Requests } from '../requests.ts'
import { decodeItem } from '../too-large-item.ts'
import { withTimeout } from '../timeout.ts'
import { mostBarren } from './read-snapshot.ts'
import { indexTypes, parseEntry, parseFork, parseUnfinished } from './format.ts'
import type { ForkedFrom, SnapshotEntry, UnfinishedSnapshot } from './format.ts'

/** A row of the index as it is written. */
export interface IndexRow {
  readonly type: string
  readonly key: string
  readonly value: unknown
}

/** What the index of a log says. */
export interface SnapshotIndex {
  /** The complete snapshots that can be read, newest first. */
  readonly entries: readonly SnapshotEntry[]
  readonly unfinished: readonly UnfinishedSnapshot[]
  readonly forkedFrom?: ForkedFrom | undefined
  /** All that it holds, what a newer version wrote too; in no particular order. */
  readonly rows: readonly IndexRow[]
  /** How many items it was read from. */
  readonly items: number
  readonly bytes: number
}

/** An index is small; what is larger is none, and is not read to its end. */
const mostBytes = 8 * 1024 * 1024

/** Folds the items of an index. Never throws: what makes no sense is left out, and so is what a newer version wrote. */
export function foldIndex(items: readonly unknown[], indexUrl: string, bytes = 0): SnapshotIndex {
  const events: StateEvent[] = []
  for (const item of items) {
    const event = decodeItem(item)
    if (!(event instanceof StateIssue)) events.push(event)
  }
  const { rows } = fold(events.filter((event) => isChangeEvent(event)))
  const all: IndexRow[] = []
  const entries: SnapshotEntry[] = []
  const unfinished: UnfinishedSnapshot[] = []
  let forkedFrom: ForkedFrom | undefined
  for (const [type, keys] of rows) {
    for (const [key, value] of keys) {
      if (value === undefined) continue
      all.push({ type, key, value })
      const entry = type === indexTypes.snapshot ? parseEntry(value, indexUrl) : undefined
      if (entry !== undefined) entries.push(entry)
      const begun = type === indexTypes.writing ? parseUnfinished(value, indexUrl) : undefined
      if (begun !== undefined) unfinished.push(begun)
      if (type === indexTypes.fork) forkedFrom ??= parseFork(value, indexUrl)
    }
  }
  // Of two at the same offset the one that was recorded last.
  entries.reverse().sort((a, b) => (isBefore(b.offset, a.offset) ? -1 : isBefore(a.offset, b.offset) ? 1 : 0))
  return { entries, unfinished, ...(forkedFrom && { forkedFrom }), rows: all, items: items.length, bytes }
}

/**
 * Reads the index at `indexUrl`; one attempt. Throws an `HttpError`, a `ConnectionError` or `unreachable` where it
 * cannot be read. `timeout`: how long the server may be silent, in milliseconds.
 */
export async function readIndex(
  requests: Requests,
  indexUrl: string,
  { signal, timeout }: { readonly signal: AbortSignal; readonly timeout: number },
): Promise<SnapshotIndex> {
  const items: unknown[] = []
  let bytes = 0
  let offset: string | undefined = start
  let barren = 0
  await withTimeout(signal, timeout, async (attempt, resetTimer) => {
    while (offset !== undefined && bytes < mostBytes && barren <= mostBarren) {
      const from: string = offset
      offset = undefined
      const known = items.length
      await readPage(
        {
          ...{ requests, position: { offset: from }, isLongPoll: false, signal: attempt },
          onActivity: () => resetTimer(timeout),
        },
        (part) => {
          for (const item of part.items) items.push(item)
          if (part.complete) bytes += part.bytes
          const { offset: next, upToDate, closed } = part.head
          if (part.complete && !upToDate && !closed && next !== from) offset = next
          return Promise.resolve(bytes + part.bytes > mostBytes ? 'stop' : 'continue')
        },
      )
      barren = items.length === known ? barren + 1 : 0
    }
  })
  return foldIndex(items, indexUrl, bytes)
}

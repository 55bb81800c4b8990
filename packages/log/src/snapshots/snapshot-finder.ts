import { isBefore } from '../offsets.ts'
import type { SnapshotEntry } from './format.ts'
import { readIndex } from './snapshot-index.ts'
import type { RequestsOn } from './snapshot-requests.ts'

/**
 * Finds the snapshots of a log, newest first; one attempt. Throws where they cannot be asked for; finds none where there
 * are none.
 *
 * The index stream is one place to look. A server that makes snapshots itself, and says so, is another one: its finder
 * goes before this one, and gives entries of the same kind.
 */
export type SnapshotFinder = (signal: AbortSignal) => Promise<readonly SnapshotEntry[]>

/** What finding snapshots by their index works with. */
export interface IndexFinderOptions {
  readonly requestsOn: RequestsOn
  readonly index: string
  /** Snapshots behind this offset are left out. */
  readonly until?: string | undefined
  /** How long a server may be silent, in milliseconds. */
  readonly timeout: number
}

/** How many forks of forks are followed. */
const mostForks = 4

/** Returns a finder that reads the index stream; of a fork, that of its source as well. */
export function createIndexFinder({ requestsOn, index, until, timeout }: IndexFinderOptions): SnapshotFinder {
  return async (signal) => {
    const found: SnapshotEntry[] = []
    const seen = new Set<string>()
    let next: { readonly index: string; readonly until: string | undefined } | undefined = { index, until }
    while (next !== undefined && seen.size < mostForks && !seen.has(next.index)) {
      const { index: url, until: last }: { readonly index: string; readonly until: string | undefined } = next
      // With `until` it may be the index of the stream that this one was forked from.
      const isOwn = seen.size === 0 && until === undefined
      seen.add(url)
      const { entries, forkedFrom } = await readIndex(requestsOn(url), url, { signal, timeout })
      for (const entry of entries) {
        if (last !== undefined && isBefore(last, entry.offset)) continue
        // The fork shares the source's offsets and events, and is a stream of its own.
        found.push(isOwn ? entry : { ...entry, streamId: undefined })
      }
      next = forkedFrom && { index: forkedFrom.index, until: earlier(forkedFrom.offset, last) }
    }
    return found
  }
}

function earlier(offset: string, other: string | undefined): string {
  return other !== undefined && isBefore(other, offset) ? other : offset
}

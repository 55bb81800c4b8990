import { describeUrl, fewUrl, indexTypes, isBefore, toStreamDBError } from '@streamdb/log'
import type { Checkpoint, SnapshotEntry, SnapshotIndex, StreamDBError } from '@streamdb/log'
import { appendToIndex, drop } from './index-writer.ts'
import { beside, send } from './stream-client.ts'
import type { Location } from './stream-client.ts'

/** What is kept. */
export interface KeepOptions {
  readonly keep: number
  /** In milliseconds. */
  readonly grace: number
  /** Where the log ends: snapshots behind it are of another one. */
  readonly end: Checkpoint | undefined
  readonly signal: AbortSignal
}

/** What deleting came to. */
export interface Deletion {
  /** The URLs of what is no longer in the index. */
  readonly deleted: readonly string[]
  /** Why others are still in it: with the next run it is tried again. */
  readonly failed: readonly StreamDBError[]
}

/** A compactor that has not finished a snapshot in this time, in milliseconds, does not write it any more. */
const abandonedAfter = 60 * 60_000

/**
 * Deletes the snapshots that nobody needs any more, and then takes them out of the index. One that cannot be deleted stays
 * there, and stops nothing else. Throws as appending to the index does, and the signal's reason.
 */
export async function deleteOld(
  index: Location,
  known: SnapshotIndex,
  { keep, grace, end, signal }: KeepOptions,
): Promise<Deletion> {
  const now = Date.now()
  const old = [
    ...findOld(known.entries, { keep, grace, end, now }).map(({ url }) => url),
    ...known.unfinished
      .filter(({ madeAt }) => now - Date.parse(madeAt) >= Math.max(grace, abandonedAfter))
      .map(({ url }) => url),
  ]
  const withFew = new Set([
    ...known.entries.filter(({ few }) => few !== undefined).map(({ url }) => url),
    ...known.unfinished.map(({ url }) => url),
  ])
  const deleted: string[] = []
  const failed: StreamDBError[] = []
  for (const url of old) {
    try {
      // First the stream: what is no longer in the index would never be deleted.
      if (isOfIndex(url, index.url)) {
        for (const stream of withFew.has(url) ? [fewUrl(url), url] : [url])
          await send(beside(index, stream), { method: 'DELETE', accept: [404, 410], signal })
      }
      deleted.push(url)
    } catch (error) {
      signal.throwIfAborted()
      failed.push(toStreamDBError(error, 'stream-failed', `Deleting ${describeUrl(url)} failed`))
    }
  }
  const events = known.rows
    .filter(({ type }) => type === indexTypes.snapshot || type === indexTypes.writing)
    .filter(({ value }) => deleted.includes(urlOf(value, index.url) ?? ''))
    .map(({ type, key }) => drop(type, key))
  await appendToIndex(index, events, signal)
  return { deleted, failed }
}

/**
 * Tells whether a stream is a snapshot by its name. An index that was damaged, or copied from elsewhere, may name any
 * stream, the log too: such a one is not deleted, it is only taken out of the index.
 */
function isOfIndex(url: string, indexUrl: string): boolean {
  const target = new URL(url)
  const { origin, pathname } = new URL(indexUrl)
  return target.origin === origin && target.pathname.startsWith(`${pathname}.`)
}

/**
 * Returns the snapshots that can be deleted; `entries`: newest first. Those that are not of this log are of no use;
 * others go once there are enough newer ones, and for long enough.
 */
export function findOld(
  entries: readonly SnapshotEntry[],
  { keep, grace, end, now }: Omit<KeepOptions, 'signal'> & { readonly now: number },
): SnapshotEntry[] {
  const isForeign = ({ offset, streamId }: SnapshotEntry): boolean =>
    end !== undefined &&
    (isBefore(end.offset, offset) ||
      (streamId !== undefined && end.streamId !== undefined && streamId !== end.streamId))
  const own = entries.filter((entry) => !isForeign(entry))
  return entries.filter((entry) => {
    const place = own.indexOf(entry)
    if (place < keep && place !== -1) return false
    // Since when there are enough newer ones; others are of no use from the start, and may be in a reader's hands.
    const newer = place === -1 ? entry : own[place - keep]
    return newer !== undefined && now - Date.parse(newer.madeAt) >= grace
  })
}

function urlOf(value: unknown, base: string): string | undefined {
  const { url } = Object(value) as { readonly url?: unknown } // looked at, whatever it is
  return typeof url === 'string' && URL.canParse(url, base) ? new URL(url, base).href : undefined
}

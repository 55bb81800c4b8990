import { fewUrl, indexTypes, randomId, StreamDBError } from '@streamdb/log'
import type { SnapshotEntry } from '@streamdb/log'
import { appendToIndex, drop, recordEvents, unfinishedEvent } from './index-writer.ts'
import { writeSnapshot } from './snapshot-writer.ts'
import type { SnapshotContent, SnapshotWriterOptions } from './snapshot-writer.ts'
import { beside, send } from './stream-client.ts'
import type { Location } from './stream-client.ts'

/** How a snapshot is written and recorded. */
export interface RecordOptions extends Pick<SnapshotWriterOptions, 'maxBody' | 'pageRows' | 'newest'> {
  readonly index: Location
  readonly signal: AbortSignal
}

/** A snapshot that the index names, and the size of the bodies that its server took. */
export interface RecordedSnapshot {
  readonly snapshot: SnapshotEntry
  readonly maxBody: number
}

/** A server that refuses so much less takes nothing, or a single row is what it refuses; in bytes. */
const leastBody = 1_000
/** Where no size was said, the first one that is tried behind a refusal, in bytes. */
const mostBody = 4_000_000

/**
 * Writes a snapshot and records it in the index. Where the server, or a proxy before it, refuses a body for its size (413),
 * it is written anew in bodies of half that. Throws as the requests do.
 */
export async function recordSnapshot(
  content: SnapshotContent,
  { index, signal, maxBody, ...options }: RecordOptions,
): Promise<RecordedSnapshot> {
  const { offset } = content.boundary.checkpoint
  for (let most = maxBody; ; most = Math.min(most / 2, mostBody)) {
    const madeAt = new Date().toISOString()
    const name = `./${nameOf(index.url)}.${encodeURIComponent(offset)}.${randomId().slice(0, 8)}`
    const url = new URL(name, index.url).href
    const location = beside(index, url)
    let isUnfinished = false
    let written: Awaited<ReturnType<typeof writeSnapshot>>
    try {
      written = await writeSnapshot(content, {
        ...{ ...options, maxBody: most, signal, location },
        async onUnfinished() {
          isUnfinished = true
          await appendToIndex(index, [unfinishedEvent(name, madeAt)], signal)
        },
      })
    } catch (error) {
      if (!(error instanceof StreamDBError) || error.status !== 413 || most / 2 < leastBody) throw error
      if (!isUnfinished) continue
      for (const stream of [fewUrl(url), url])
        await send(beside(index, stream), { method: 'DELETE', accept: [404, 410], signal })
      await appendToIndex(index, [drop(indexTypes.writing, name)], signal)
      continue
    }
    const snapshot = { ...written, url, madeAt }
    await appendToIndex(index, recordEvents(snapshot, name, isUnfinished), signal)
    return { snapshot, maxBody: most }
  }
}

/** Returns the last part of a URL's path. */
function nameOf(url: string): string {
  return new URL(url).pathname.split('/').at(-1) ?? ''
}

import { createSnapshotRequests, indexTypes, openStream, readIndex, foldIndex } from '@streamdb/log'
import type { SnapshotEntry, SnapshotIndex } from '@streamdb/log'
import { send } from './stream-client.ts'
import type { Location } from './stream-client.ts'

/** An item of the index: a row of it is put, or deleted. */
export interface IndexEvent {
  readonly type: string
  readonly key: string
  readonly value?: unknown
  readonly headers: { readonly operation: 'upsert' | 'delete' }
}

const json = { 'content-type': 'application/json' }
/** From so many items on, an index that mostly says what was is written anew. */
const mostItems = 200

/** Reads the index; an empty one where there is none. Throws as its requests do. */
export async function findIndex(index: Location, signal: AbortSignal): Promise<SnapshotIndex> {
  const { url, headers, params, fetch } = index
  const given = { url, ...(headers && { headers }), ...(params && { params }), ...(fetch && { fetch }) }
  // Says at once whether it exists, with the errors and the patience of all requests here.
  const answer = await send(index, { method: 'HEAD', accept: [404, 410], signal })
  if (answer.status === 404 || answer.status === 410) return foldIndex([], url)
  const { stream, streamOptions } = openStream({ ...given, warnOnHttp: false })
  return readIndex(createSnapshotRequests({ stream, streamOptions })(url), url, { signal, timeout: 15_000 })
}

/** Appends to the index, atomically; creates it where it does not exist. */
export async function appendToIndex(
  index: Location,
  events: readonly IndexEvent[],
  signal: AbortSignal,
): Promise<void> {
  if (events.length === 0) return
  const body = JSON.stringify(events)
  for (;;) {
    const appended = await send(index, { method: 'POST', headers: json, body, accept: [404], signal })
    if (appended.status !== 404) return
    const created = await send(index, { method: 'PUT', headers: json, body, accept: [409], signal })
    // Otherwise another compactor has created it meanwhile, without these.
    if (created.status === 201) return
  }
}

/** Records a complete snapshot; it is no longer an unfinished one. */
export function recordEvents(entry: SnapshotEntry, url: string, wasUnfinished: boolean): IndexEvent[] {
  const recorded = put(indexTypes.snapshot, url, { ...entry, url })
  return wasUnfinished ? [recorded, drop(indexTypes.writing, url)] : [recorded]
}

/** Records that a snapshot is being written. */
export function unfinishedEvent(url: string, madeAt: string): IndexEvent {
  return put(indexTypes.writing, url, { url, madeAt })
}

/** Records what a fork was forked from. */
export function forkEvent(index: string, offset: string): IndexEvent {
  return put(indexTypes.fork, 'source', { index, offset })
}

/** Takes a snapshot out of the index. */
export function drop(type: string, url: string): IndexEvent {
  return { type, key: url, headers: { operation: 'delete' } }
}

function put(type: string, key: string, value: unknown): IndexEvent {
  return { type, key, value, headers: { operation: 'upsert' } }
}

/**
 * Writes an index that has become long anew. Readers that find none meanwhile read the log; what another compactor records
 * in this moment may be forgotten.
 */
export async function shortenIndex(index: Location, signal: AbortSignal): Promise<void> {
  const { items, rows } = await findIndex(index, signal)
  if (items < mostItems || rows.length * 4 > items) return
  await send(index, { method: 'DELETE', accept: [404, 410], signal })
  await appendToIndex(
    index,
    rows.map(({ type, key, value }) => put(type, key, value)),
    signal,
  )
}

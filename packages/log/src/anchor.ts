import type { Batch } from './batch-source.ts'
import { StreamDBError } from './errors.ts'
import { fingerprint } from './fingerprint.ts'
import { HttpError } from './http-error.ts'
import { isBefore, isPlausibleOffset } from './offsets.ts'
import { readPage } from './read-page.ts'
import type { Requests } from './requests.ts'
import { delay, withTimeout } from './timeout.ts'

/**
 * A position in a log that distinguishes it from another log, or from the same one after it was put back and written on: the
 * same log has the same item there.
 */
export interface Anchor {
  readonly offset: string
  /** The fingerprint of an item behind the offset. */
  readonly item: number
  /** Which item behind the offset; the first one where it is absent. */
  readonly index?: number | undefined
}

/** What a log has at an anchor. */
export type AnchorCheck =
  /** The same item. `end`: where the log ends, where the answer says that. */
  | { readonly type: 'same'; readonly end?: string | undefined }
  /** Another item, or no JSON: the offset lies in the middle of one. */
  | { readonly type: 'other' }
  /** No item: a log that is shorter, or a replica that lags behind. */
  | { readonly type: 'nothing' }
  /** The server refuses the offset; the reader gets the same answer, and handles it. */
  | { readonly type: 'refused' }

/** A response of more items is not read to its end again: its first item has to do. */
const MOST_ITEMS = 200

/**
 * Returns an offset of a batch with an item behind it: as near to the batch's end as the server's stamps tell, as a page is
 * read from there when it is checked; otherwise where the response begins, with its last item where there are few.
 */
export function anchorOf({
  from,
  first,
  items,
}: Pick<Batch, 'from' | 'first' | 'items'>): Anchor | undefined {
  const last = stampOf(items.at(-1))
  if (last !== undefined && isPlausibleOffset(last)) {
    // The events of one append share a stamp.
    for (let index = items.length - 2; index >= 0; index--) {
      const stamp = stampOf(items[index])
      if (stamp === last) continue
      if (stamp === undefined || stamp.length !== last.length || !isBefore(from, stamp)) break
      return { offset: stamp, item: fingerprint(items[index + 1]) }
    }
  }
  if (first > 0 || items.length === 0) return undefined
  if (items.length === 1 || items.length > MOST_ITEMS) return { offset: from, item: fingerprint(items[0]) }
  return { offset: from, item: fingerprint(items.at(-1)), index: items.length - 1 }
}

/** Returns the offset that a server stamps on an item, of which nothing is known. */
function stampOf(item: unknown): string | undefined {
  const stamp = (item as { headers?: { offset?: unknown } | null } | null | undefined)?.headers?.offset // as just said
  return typeof stamp === 'string' ? stamp : undefined
}

/** Reads the item of a log at an anchor, and at most one page. Throws if the server cannot be reached. */
export async function checkAnchor(
  requests: Pick<Requests, 'read' | 'url' | 'href'>,
  { offset, item, index = 0 }: Anchor,
  signal: AbortSignal,
): Promise<AnchorCheck> {
  let found: AnchorCheck = { type: 'nothing' }
  let isJson = false
  const read: Requests['read'] = async (request) => {
    const response = await requests.read(request)
    isJson = /[/+](x-)?(nd)?json/.test(response.head.contentType ?? '')
    return response
  }
  const request = {
    requests: { read, url: requests.url, href: requests.href },
    ...{
      position: { offset },
      isLongPoll: false,
      freshness: 'no-store' as const,
      signal,
      onActivity: () => undefined,
    },
  }
  try {
    await readPage(request, ({ items, first, head }) => {
      if (index < first || index >= first + items.length) return Promise.resolve('continue')
      const end = head.upToDate ? head.offset : undefined
      found = fingerprint(items[index - first]) === item ? { type: 'same', end } : { type: 'other' }
      return Promise.resolve('stop')
    })
  } catch (error) {
    if (error instanceof HttpError && [400, 404, 410, 416].includes(error.status)) return { type: 'refused' }
    if (error instanceof StreamDBError && isJson && !signal.aborted) return { type: 'other' }
    throw error
  }
  return found
}

/** How long it is waited before the log is asked again, in milliseconds. */
const PAUSE = 100

/** How requests that check are bounded; `timeout`: how long each may take, in milliseconds. */
interface CheckOptions {
  readonly signal: AbortSignal
  readonly timeout: number
}

/**
 * Checks by the item at an anchor whether a log is still the one that was read up to `offset`. `intact`: the item is there, and
 * the log does not end before it. `other`: the log was restored from an older copy and written on since; two answers have to
 * agree, because a response may be cut. `unknown`: it cannot be decided.
 */
export async function checkPosition(
  requests: Pick<Requests, 'read' | 'url' | 'href'>,
  anchor: Anchor,
  offset: string,
  { signal, timeout }: CheckOptions,
): Promise<'intact' | 'other' | 'unknown'> {
  const check = (): Promise<AnchorCheck> =>
    withTimeout(signal, timeout, (each) => checkAnchor(requests, anchor, each))
  try {
    const found = await check()
    if (found.type === 'same') {
      return found.end === undefined || isBefore(found.end, offset) ? 'unknown' : 'intact'
    }
    if (found.type !== 'other') return 'unknown'
    await delay(PAUSE, signal)
    return !signal.aborted && (await check()).type === 'other' ? 'other' : 'unknown'
  } catch {
    // Where the network is down, the next read says so.
    return 'unknown'
  }
}

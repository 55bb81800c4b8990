import { buildProgram } from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { rooms } from './rooms.mjs'

/** What the rooms' addresses begin with: nobody but the stream server reads it. */
const origin = 'http://streams'

/**
 * Compacts the rooms again and again until `signal` is aborted, for the first time after a while: pages are served first.
 * A room is read without snapshots, too, so that what fails is told and no more.
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
 * @param {{ readonly root: string, readonly every: number, readonly signal: AbortSignal }} options `every`: milliseconds
 *   between two looks at a room.
 */
export async function compact(streams, { root, every, signal }) {
  const onError = (/** @type {unknown} */ error) => {
    if (!signal.aborted) process.stderr.write(`The rooms were not compacted: ${error}\n`)
  }
  try {
    await setTimeout(every, undefined, { signal })
    const built = await buildProgram(root, 'compactor/compact-rooms.ts')
    /** @type {typeof import('../compactor/compact-rooms.ts')} */
    const { compactRooms } = await import(pathToFileURL(built.program).href)
    await built.remove()
    const urls = rooms.map(({ stream }) => origin + stream)
    const stop = compactRooms({ urls, every, onError, fetch: toFetch(streams) })
    if (!signal.aborted) await once(signal, 'abort')
    await stop()
  } catch (error) {
    onError(error)
  }
}

/**
 * Returns a `fetch` that asks the stream server.
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
 * @returns {typeof globalThis.fetch}
 */
function toFetch(streams) {
  return async (input, init) => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    const { pathname, search } = new URL(request.url)
    const body = request.body === null ? undefined : await request.text()
    const answer = await streams.fetch({
      ...{ method: request.method, path: pathname + search, headers: Object.fromEntries(request.headers) },
      ...(body !== undefined && { body }),
    })
    const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)])
    const isEmpty = request.method === 'HEAD' || [204, 205, 304].includes(answer.status)
    return new Response(isEmpty ? null : answer.body, {
      status: answer.status,
      headers: Object.fromEntries(headers),
    })
  }
}

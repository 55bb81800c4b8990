import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request as startRequest } from 'node:http'
import { request as startSecureRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { urlToHttpOptions } from 'node:url'
import { overPipe } from './stream-server.mjs'
import { UsageError } from './usage-error.mjs'

/**
 * Reaches a stream server that runs elsewhere as if it were the embedded one: by a pipe, which carries every request on to
 * it. Streams lie under `url`: `/stream/rooms/lobby` is `URL/stream/rooms/lobby`, or `URL/stream~rooms~lobby` on a server
 * that knows no folders. Rejects with a `UsageError` where nothing answers there.
 * @param {string} url
 * @returns {Promise<import('./stream-server.mjs').StreamServer>}
 */
export async function connectStreamServer(url) {
  const base = new URL(url.endsWith('/') ? url : `${url}/`)
  const start = base.protocol === 'https:' ? startSecureRequest : startRequest
  const separator = (await hasFolders(base)) ? '/' : '~'
  const folder = await mkdtemp(join(tmpdir(), 'streamdb-'))
  const socketPath =
    process.platform === 'win32' ? `\\\\.\\pipe\\streamdb-${randomUUID()}` : join(folder, 'streams')

  const pipe = createServer((request, response) => {
    const { method = 'GET', headers } = request
    const { pathname, search } = new URL(request.url ?? '/', base)
    const path = base.pathname + pathname.slice(1).replaceAll('/', separator) + search
    const upstream = start({
      ...{ ...urlToHttpOptions(base), method, path, agent: false },
      headers: { ...headers, host: base.host },
    })
    upstream.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      // A live read shows its head before its first event.
      response.flushHeaders()
      answer.pipe(response)
      answer.once('error', () => response.destroy())
    })
    // The page's reader tries again, as it does when the embedded server has gone.
    upstream.once('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()))
    response.once('close', () => upstream.destroy())
    request.pipe(upstream)
  })
  await new Promise((resolve, reject) => {
    pipe.once('error', reject).listen(socketPath, () => resolve(undefined))
  })

  return {
    ...overPipe(socketPath),
    async stop() {
      pipe.close()
      pipe.closeAllConnections()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Asks a server whether a stream's name may have a slash.
 * @param {URL} base
 */
async function hasFolders(base) {
  const probe = new URL(`streamdb-folder-${randomUUID().slice(0, 8)}/stream`, base)
  const headers = { 'content-type': 'application/json' }
  const created = await fetch(probe, { method: 'PUT', headers }).catch((/** @type {unknown} */ error) => {
    const { message } = Object(Object(error).cause ?? error)
    throw new UsageError(
      `No stream server answers at ${base.href} (${message}): start it, or give another --server`,
    )
  })
  await created.body?.cancel()
  if (created.ok) await fetch(probe, { method: 'DELETE' })
  return created.ok
}

import { DurableStreamTestServer } from '@durable-streams/server'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as startRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * The embedded stream server, as the rest of the program sees it.
 * @typedef {Awaited<ReturnType<typeof startStreamServer>>} StreamServer
 */

/** What the client behind the pipe calls it: the pipe has no name that a browser could use. */
const host = 'streams'

/**
 * Starts the embedded stream server on `dataDir`.
 *
 * It lets every page of the web read, write and delete, and lets anybody inject faults. So it listens on a pipe, which
 * no browser can open, in a folder of which only this user may read.
 * @param {string} dataDir
 */
export async function startStreamServer(dataDir) {
  const { info, error } = console
  // The server logs its recovery to the console and has no option for it.
  console.info = () => {}
  const folder = await mkdtemp(join(tmpdir(), 'streamdb-'))
  const socketPath =
    process.platform === 'win32' ? `\\\\.\\pipe\\streamdb-${randomUUID()}` : join(folder, 'streams')
  // Readers are on this machine: compressing costs more than it saves. `port` is passed to `listen` as it is, which
  // takes a path as well.
  const port = /** @type {number} */ (/** @type {unknown} */ (socketPath))
  const server = new DurableStreamTestServer({ port, dataDir, compression: false })
  await server.start()

  return {
    ...overPipe(socketPath),

    /** Waits for requests under way: end them first. Some timers outlive it by half a minute, so exit afterwards. */
    async stop() {
      // Every reader that wakes up in the closed store is logged as an error.
      console.error = () => {}
      await server.stop()
      Object.assign(console, { info, error })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Returns what reaches a stream server by its pipe.
 * @param {string} socketPath
 */
export function overPipe(socketPath) {
  return {
    /** Where it listens: for processes of this program, by `streamFetch`. */
    socketPath,

    /** Begins a request; `agent: false`, since an idle connection would keep the server from stopping. */
    request: (/** @type {StreamRequest} */ { method, path, headers }) =>
      startRequest({ socketPath, method, path, headers: { ...headers, host }, agent: false }),

    /** Sends a request with its whole body, and returns the whole answer. */
    async fetch(/** @type {StreamRequest & { readonly body?: string }} */ { body, ...parts }) {
      const request = this.request(parts)
      request.end(body)
      /** @type {import('node:http').IncomingMessage} */
      const response = await new Promise((resolve, reject) => {
        request.once('response', resolve).once('error', reject)
      })
      /** @type {Buffer[]} */
      const chunks = []
      for await (const chunk of response) chunks.push(chunk)
      const status = response.statusCode ?? 0
      const text = Buffer.concat(chunks)
      return { status, ok: status >= 200 && status < 300, headers: response.headers, body: text }
    },
  }
}

/**
 * @typedef {object} StreamRequest
 * @property {string} method
 * @property {string} path
 * @property {import('node:http').OutgoingHttpHeaders} [headers]
 */

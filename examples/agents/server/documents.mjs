import { YjsServer } from '@durable-streams/y-durable-streams/server'
import { corsHeaders, refuseWith } from '@streamdb/example-shared/server'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */

/** A document of a session, as `session.document` names it. */
const documentPath = /^\/v1\/yjs\/sessions\/docs\/[\w-]{1,64}(?:\/[\w-]{1,64}){1,5}$/
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS']
/** Values of parameters: the server makes paths of streams of them. */
const safeValue = /^[\w.-]{0,128}$/
/** An update. */
const maxRequestBytes = 256 * 1024
/** All updates of a document since the server was started. */
const maxDocumentBytes = 16 * 1024 * 1024

/**
 * The server of shared documents, in front of the stream server. It would pass any request on to that, and so it has no port:
 * it gets those that are let through here.
 */
export class Documents {
  #door
  #yjs
  /** @type {Map<string, number>} */
  #sizes = new Map()
  #isSignedIn

  /**
   * @param {import('node:http').Server} door
   * @param {YjsServer} yjs
   * @param {(authorization: string | undefined) => boolean} isSignedIn
   */
  constructor(door, yjs, isSignedIn) {
    this.#isSignedIn = isSignedIn
    this.#door = door
    this.#yjs = yjs
  }

  /**
   * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'request'>} streams
   * @param {(authorization: string | undefined) => boolean} isSignedIn Whether somebody may read and write documents.
   */
  static async start(streams, isSignedIn) {
    // It reaches the stream server by an address, which the stream server does not have: a door that opens with a key.
    const key = `Bearer ${randomUUID()}`
    const door = createServer((request, response) => {
      if (request.headers.authorization !== key) {
        response.writeHead(403).end()
        return
      }
      const { host: _, authorization: __, connection: ___, ...headers } = request.headers
      const inner = streams.request({ method: request.method ?? 'GET', path: request.url ?? '/', headers })
      inner.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      inner.on('error', () => response.destroy())
      response.on('close', () => inner.destroy())
      request.pipe(inner)
    })
    door.listen(0, '127.0.0.1')
    await once(door, 'listening')
    const address = door.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const yjs = new YjsServer({
      dsServerUrl: `http://127.0.0.1:${port}`,
      dsServerHeaders: { authorization: key },
    })
    return new Documents(door, yjs, isSignedIn)
  }

  /**
   * Answers a request for a document; never rejects.
   * @param {Request} request
   * @param {Response} response
   * @param {import('@streamdb/example-shared/server').Target} target
   */
  async answer(request, response, { path, query }) {
    const { method = '', headers } = request
    const bytes = Number(headers['content-length'] ?? 0)
    const isSafe = documentPath.test(path) && [...query.values()].every((value) => safeValue.test(value))
    if (!isSafe) return refuseWith(request, response, { status: 404, text: 'There is no such document.' })
    if (!methods.includes(method)) {
      const allow = methods.join(', ')
      const text = `Expected ${allow} but received ${method}.`
      return refuseWith(request, response, { status: 405, text, headers: { allow } })
    }
    const cors = {
      ...corsHeaders(headers.origin),
      'access-control-allow-headers':
        'authorization, content-type, producer-id, producer-epoch, producer-seq, stream-closed',
    }
    if (method !== 'OPTIONS' && !this.#isSignedIn(headers.authorization)) {
      const refused = { ...cors, 'www-authenticate': 'Bearer' }
      return refuseWith(request, response, { status: 401, text: 'Sign in first.', headers: refused })
    }
    delete headers.authorization
    // A page that leaves closes what it has written with, and not the document.
    const isClosing = headers['stream-closed'] !== undefined
    delete headers['stream-closed']
    if (isClosing && bytes === 0) {
      response.writeHead(204, cors).end()
      return
    }
    const size = this.#sizes.get(path) ?? 0
    const isUpdate = method === 'POST' && !query.has('awareness')
    if (
      bytes > maxRequestBytes ||
      headers['transfer-encoding'] ||
      (isUpdate && size + bytes > maxDocumentBytes)
    ) {
      return refuseWith(request, response, {
        status: 413,
        text: 'The update, or the document, is too large.',
      })
    }
    if (isUpdate) this.#sizes.set(path, size + bytes)
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('referrer-policy', 'no-referrer')
    const writeHead = response.writeHead.bind(response)
    // It lets every page read, and keeps from pages how live answers are encoded.
    response.writeHead = (/** @type {number} */ status, /** @type {unknown} */ given) =>
      writeHead(status, { ...Object(given), ...cors })
    // Its types keep it for `start`, which would give it a port.
    const yjs = /** @type {{ handleRequest(request: Request, response: Response): Promise<void> }} */ (
      /** @type {unknown} */ (this.#yjs)
    )
    await yjs.handleRequest(request, response).catch(() => response.destroy())
  }

  stop() {
    this.#door.close()
    this.#door.closeAllConnections()
  }
}

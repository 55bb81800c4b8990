import { YjsServer } from '@durable-streams/y-durable-streams/server'
import { corsHeaders, refuseWith } from '@streamdb/example-shared/server'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */

/**
 * Who reads and writes documents.
 * @typedef {object} DocumentRules
 * @property {(authorization: string | undefined) => { readonly id: string } | undefined} verify Says whose a token is.
 * @property {(user: { readonly id: string }, session: string) => Promise<'write' | 'read' | undefined>} accessOf Says what somebody may do
 * in a session.
 * @property {import('./caret-stamps.mjs').CaretStamps} carets
 */

/** A document of a session, as `session.document` names it: behind the path of the session. */
const documentPath = /^\/v1\/yjs\/sessions\/docs\/stream\/sessions\/([\w-]{1,64})\/documents\/[\w-]{1,64}$/
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
  #rules

  /**
   * @param {import('node:http').Server} door
   * @param {YjsServer} yjs
   * @param {DocumentRules} rules
   */
  constructor(door, yjs, rules) {
    this.#rules = rules
    this.#door = door
    this.#yjs = yjs
  }

  /**
   * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'request'>} streams
   * @param {DocumentRules} rules
   */
  static async start(streams, rules) {
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
    return new Documents(door, yjs, rules)
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
    const session = documentPath.exec(path)?.[1]
    const isSafe = [...query.values()].every((value) => safeValue.test(value))
    if (session === undefined || !isSafe)
      return refuseWith(request, response, { status: 404, text: 'There is no such document.' })
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
    const { verify, accessOf, carets } = this.#rules
    const user = verify(headers.authorization)
    if (method !== 'OPTIONS') {
      const refused = { ...cors, 'www-authenticate': 'Bearer' }
      if (user === undefined)
        return refuseWith(request, response, { status: 401, text: 'Sign in first.', headers: refused })
      const access = await accessOf(user, session)
      const isRead = method === 'GET' || method === 'HEAD'
      if (access === undefined || (access === 'read' && !isRead)) {
        const text = 'Only who takes part in the session writes its documents.'
        return refuseWith(request, response, { status: 403, text, headers: cors })
      }
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
    let given = request
    if (method === 'POST' && query.has('awareness')) {
      const body = user && carets.stamp(await bodyOf(request), { path, user: user.id })
      if (body === undefined) {
        const text = 'Expected where a window of yours writes.'
        return refuseWith(request, response, { status: 403, text, headers: cors })
      }
      given = withBody(request, body)
    }
    await yjs.handleRequest(given, response).catch(() => response.destroy())
  }

  stop() {
    this.#door.close()
    this.#door.closeAllConnections()
  }
}

/**
 * Reads a body whose size is known, and small.
 * @param {Request} request
 */
async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * Returns a request as it is, with another body.
 * @param {Request} request
 * @param {Uint8Array} body
 */
function withBody({ method, url, headers }, body) {
  const given = { method, url, headers: { ...headers, 'content-length': String(body.length) } }
  // What the server of documents looks at of a request.
  return /** @type {Request} */ (/** @type {unknown} */ (Object.assign(Readable.from([body]), given)))
}

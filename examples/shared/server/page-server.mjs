import { once } from 'node:events'
import { createServer } from 'node:http'
import { parseAuthority, refuseCaller } from './caller.mjs'
import { connectionLimits, limitConnections } from './connection-limits.mjs'
import { chooseEncoding, encodeBody } from './content-encoding.mjs'
import { buildPage } from './page-files.mjs'
import { parseTarget } from './request-target.mjs'
import { commonHeaders, corsHeaders, pagePolicy } from './response-headers.mjs'
import { createGateway, refuseWith } from './stream-gateway.mjs'
import { bodyLength, isRead } from './stream-rules.mjs'
import { UsageError } from './usage-error.mjs'

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */
/** @typedef {(request: Request, response: Response, target: import('./request-target.mjs').Target) => Promise<void>} Answer */

const host = '127.0.0.1'

/**
 * Serves the page, the streams and JSON documents, all at one address.
 * @param {object} options
 * @param {string} options.root The page's folder.
 * @param {number | undefined} options.port Undefined: `usualPort`, or any free one when that is taken.
 * @param {number} options.usualPort
 * @param {import('./stream-server.mjs').StreamServer} options.streams
 * @param {readonly import('./stream-rules.mjs').StreamRule[]} options.rules What pages may do with the streams.
 * @param {Readonly<Record<string, () => Promise<object>>>} options.documents JSON documents by path.
 * @param {Readonly<Record<string, () => Promise<object>>>} [options.commands] What a page may ask for by a POST without a
 *   body, by path; each returns a JSON document.
 * @param {Readonly<Record<string, Answer>>} [options.others] What answers other requests that this server may be sent, by the
 *   beginning of their path.
 */
export async function startPageServer({
  root,
  port,
  usualPort,
  streams,
  rules,
  documents,
  commands = {},
  others = {},
}) {
  const findFile = await buildPage(root)
  const answerStream = createGateway(streams, rules)
  const describe = new Map(Object.entries(documents))
  const act = new Map(Object.entries(commands))

  const server = createServer(connectionLimits, (request, response) => {
    answer(request, response).catch((error) => {
      // One bad request never ends the server, whatever is wrong with it.
      refuseWith(request, response, { status: 500, text: `The server failed: ${error}` })
      if (!response.writableEnded) response.destroy()
    })
  })
  limitConnections(server, connectionLimits)

  /**
   * @param {Request} request
   * @param {Response} response
   */
  async function answer(request, response) {
    const target = parseTarget(request.url)
    if (target === undefined) {
      return refuseWith(request, response, {
        status: 400,
        text: 'The request target is not a path of this server.',
      })
    }
    const refusal = refuseCaller(request)
    if (refusal !== undefined) return refuseWith(request, response, refusal)
    if (target.path.startsWith('/stream/')) return answerStream(request, response, target)

    const other = Object.entries(others).find(([prefix]) => target.path.startsWith(prefix))
    if (other !== undefined) return other[1](request, response, target)

    const command = act.get(target.path)
    if (command !== undefined) return runCommand(request, response, command)

    const file = findFile(target.path)
    const document = describe.get(target.path)
    if (file === undefined && document === undefined) {
      return refuseWith(request, response, { status: 404, text: 'There is nothing at this address.' })
    }
    if (!isRead(request.method ?? '')) {
      const text = `Expected GET, HEAD but received ${request.method}.`
      return refuseWith(request, response, { status: 405, text, headers: { allow: 'GET, HEAD' } })
    }
    if (file !== undefined) return send(request, response, file)
    if (document !== undefined) sendJson(request, response, await document())
  }

  await listen(server, port, usualPort)
  const address = server.address()
  return {
    url: `http://${host}:${typeof address === 'object' ? address?.port : port}`,
    /** Ends every open connection too: a page that reads a stream would keep the server from closing. */
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/**
 * Runs a command of a page, and answers with what it returned. Only a page of this server can send one: every browser
 * says where a POST comes from.
 * @param {Request} request
 * @param {Response} response
 * @param {() => Promise<object>} command
 */
async function runCommand(request, response, command) {
  if (request.method !== 'POST') {
    const text = `Expected POST but received ${request.method}.`
    return refuseWith(request, response, { status: 405, text, headers: { allow: 'POST' } })
  }
  if (request.headers['transfer-encoding'] !== undefined || bodyLength(request.headers) > 0) {
    return refuseWith(request, response, { status: 413, text: 'A command has no body.' })
  }
  sendJson(request, response, await command())
}

/**
 * @param {Request} request
 * @param {Response} response
 * @param {object} document
 */
function sendJson(request, response, document) {
  send(request, response, {
    bodies: encodeBody(JSON.stringify(document)),
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...corsHeaders(request.headers.origin),
    },
  })
}

/**
 * @param {Request} request
 * @param {Response} response
 * @param {import('./page-files.mjs').PageFile} file
 */
function send({ method, headers }, response, { bodies, headers: own }) {
  const encoding = chooseEncoding(headers['accept-encoding'], bodies)
  const body = bodies[encoding] ?? bodies.identity
  response.writeHead(200, {
    ...{ ...commonHeaders, ...own, 'content-length': body.length },
    ...(encoding !== 'identity' && { 'content-encoding': encoding }),
    'content-security-policy': pagePolicy(parseAuthority(headers.host)?.port ?? 80),
    vary: [own['vary'], 'accept-encoding'].filter(Boolean).join(', '),
  })
  response.end(method === 'HEAD' ? undefined : body)
}

/**
 * Listens on `port`; when none was asked for, on the usual one, or on any free one.
 * @param {import('node:http').Server} server
 * @param {number | undefined} port
 * @param {number} usualPort
 */
async function listen(server, port, usualPort) {
  try {
    server.listen(port ?? usualPort, host)
    await once(server, 'listening')
  } catch (error) {
    if (port !== undefined)
      throw new UsageError(`Port ${port} cannot be used (${error}). Choose another with --port`)
    server.listen(0, host)
    await once(server, 'listening')
  }
}

import { once } from 'node:events'
import { createServer } from 'node:http'
import { buildPage } from './page.mjs'
import { passOn } from './pass-on.mjs'
import { Refusal } from './refusal.mjs'

const host = '127.0.0.1'

/** @typedef {{ readonly status: number, readonly text: string, readonly headers?: import('node:http').OutgoingHttpHeaders }} NoPass */

/**
 * Serves the page, the streams and what else is to be known, all at one address.
 * @param {object} options
 * @param {string} options.root The page's folder.
 * @param {number | undefined} options.port Undefined: the usual one, or any that is free when that is taken.
 * @param {number} options.usualPort
 * @param {string} options.streamServer The address of the server behind `/stream/`.
 * @param {(request: import('node:http').IncomingMessage) => NoPass | undefined} options.guard Says why a request does
 *   not get through to the stream server.
 * @param {Readonly<Record<string, () => Promise<object>>>} options.answers JSON documents by path.
 */
export async function startPageServer({ root, port, usualPort, streamServer, guard, answers }) {
  const find = await buildPage(root)
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const file = find(pathname)
    const describe = answers[pathname]
    if (file !== undefined) response.writeHead(200, file.headers).end(file.body)
    else if (pathname.startsWith('/stream/')) passOnGuarded(request, response)
    else if (describe !== undefined) void answer(response, describe)
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.')
  })

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  function passOnGuarded(request, response) {
    const noPass = guard(request)
    if (noPass === undefined) return passOn(request, response, streamServer)
    response.writeHead(noPass.status, { 'content-type': 'text/plain', ...noPass.headers }).end(noPass.text)
  }

  await listen(server, port, usualPort)
  const address = server.address()
  return {
    url: `http://${host}:${typeof address === 'object' ? address?.port : port}`,
    /** Ends every open connection too: a page that reads the stream would hold the server for ever. */
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/**
 * Answers with what `describe` returns; never rejects.
 * @param {import('node:http').ServerResponse} response
 * @param {() => Promise<object>} describe
 */
async function answer(response, describe) {
  try {
    const body = JSON.stringify(await describe())
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(body)
  } catch (error) {
    response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
  }
}

/**
 * Listens on `port`; when none was asked for, on the usual one, or on any that is free.
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
      throw new Refusal(`Port ${port} cannot be used (${error}). Choose another with --port`)
    server.listen(0, host)
    await once(server, 'listening')
  }
}

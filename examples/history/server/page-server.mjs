import { once } from 'node:events'
import { createServer } from 'node:http'
import { buildPage } from './page.mjs'
import { passOn } from './pass-on.mjs'
import { Refusal } from './refusal.mjs'

const host = '127.0.0.1'
const usualPort = 4680

/**
 * Serves the page, the stream and the description of what is shown, all at one address.
 * @param {object} options
 * @param {number | undefined} options.port
 * @param {string} options.streamServer The address of the server behind `/stream/`.
 * @param {() => Promise<object>} options.describe
 */
export async function startPageServer({ port, streamServer, describe }) {
  const find = await buildPage()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    const file = find(pathname)
    if (file !== undefined) response.writeHead(200, file.headers).end(file.body)
    else if (pathname.startsWith('/stream/')) passOn(request, response, streamServer)
    else if (pathname === '/history.json') void answer(response, describe)
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.')
  })
  await listen(server, port)
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
 */
async function listen(server, port) {
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

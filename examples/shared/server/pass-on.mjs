import { request as startRequest } from 'node:http'

/**
 * Passes a request on to the stream server, and the answer back as it comes; never throws.
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} server
 */
export function passOn(request, response, server) {
  const { method, headers } = request
  // One connection a request: a kept one would hold the stream server when it stops.
  const behind = startRequest(new URL(request.url ?? '/', server), { method, headers, agent: false })
  behind.on('response', (answer) => {
    // The log can be made anew under the same address: nothing of it may be kept.
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'cache-control': 'no-store' })
    answer.pipe(response)
    answer.on('error', () => response.destroy())
  })
  behind.on('error', () => {
    if (response.headersSent) response.destroy()
    else response.writeHead(502, { 'content-type': 'text/plain' }).end('The stream server does not answer.')
  })
  // The reader left; or the answer is complete, and this does nothing.
  response.on('close', () => behind.destroy())
  request.pipe(behind)
}

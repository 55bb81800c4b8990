/** A transaction of a room. The database groups what waited to be sent up to 256 KiB, and sends the larger alone. */
const roomLimit = 300 * 1024
/** A piece of a picture. */
const fileLimit = 1024 * 1024
const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'])

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {{ readonly status: number, readonly text: string, readonly headers?: import('node:http').OutgoingHttpHeaders }} NoPass */

/**
 * Says why a request does not get through to the streams.
 *
 * Rooms are read and appended to; files are made as well; nothing is ever deleted. Only pages of this server write and
 * read: the stream server itself would let every page of the web.
 * @param {Request} request
 * @returns {NoPass | undefined}
 */
export function guard(request) {
  const path = new URL(request.url ?? '/', 'http://chat').pathname
  if (!isOurs(request)) return refuse(403, 'Only the pages of this chat may ask.')
  if (request.method === 'OPTIONS') return undefined
  if (/^\/stream\/rooms\/\w+$/.test(path)) return checkBody(request, ['GET', 'HEAD', 'POST'], roomLimit)
  if (/^\/stream\/files\/[\w-]+$/.test(path)) return checkFile(request)
  return refuse(404, 'There is no such stream.')
}

/** @param {Request} request */
function checkFile(request) {
  if (request.method === 'PUT' && !pictures.has(request.headers['content-type'] ?? '')) {
    return refuse(415, 'Only pictures can be attached.')
  }
  return checkBody(request, ['GET', 'HEAD', 'POST', 'PUT'], fileLimit)
}

/**
 * @param {Request} request
 * @param {readonly string[]} methods
 * @param {number} limit
 */
function checkBody({ method = 'GET', headers }, methods, limit) {
  if (!methods.includes(method)) return refuse(405, `Expected ${methods.join(', ')} but received ${method}.`)
  if (method === 'GET' || method === 'HEAD') return undefined
  if (headers['transfer-encoding'] !== undefined) return refuse(411, 'How long it is must be said first.')
  if (Number(headers['content-length'] ?? 0) > limit) return refuse(413, `It is longer than ${limit} bytes.`)
  return undefined
}

/**
 * Pages ask under other names for the same machine, so that each has connections of its own; see `src/addresses.ts`.
 * @param {Request} request
 */
function isOurs({ headers: { origin, host } }) {
  if (origin === undefined) return true
  if (!URL.canParse(origin)) return false
  const from = new URL(origin)
  return from.host === host || /^(127\.0\.0\.1|localhost|.*\.localhost)$/.test(from.hostname)
}

/**
 * @param {number} status
 * @param {string} text
 * @returns {NoPass}
 */
function refuse(status, text) {
  // A page that may not read the answer would take it for a broken connection, and try again for ever.
  return { status, text, headers: { 'access-control-allow-origin': '*' } }
}

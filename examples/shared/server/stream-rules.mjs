/**
 * What pages may do with the streams below one path.
 * @typedef {object} StreamRule
 * @property {string} folder The streams' path without their names: `/stream/rooms/`.
 * @property {RegExp} name What a stream may be called.
 * @property {readonly string[]} methods
 * @property {readonly string[]} contentTypes What may be stored.
 * @property {number} maxRequestBytes
 * @property {number} maxStreamBytes
 * @property {number} [maxCreated] How many streams pages may create while the server runs; any number without it.
 * @property {boolean} closable Whether a page may close a stream for good.
 * @property {boolean} isFile Whether a stream holds a file that somebody sent: it is never shown as a page.
 * @property {import('./fetch-answer.mjs').FetchHandler} [handler] What answers, in place of the stream server: the write
 *   gateway of `@streamdb/server`, which knows who may write what.
 * @property {(authorization: string | undefined) => boolean} [mayWrite] Whether somebody may write; anybody may without it.
 * @property {readonly string[]} [headers] Further headers of the protocol that a page may send: of a time to live, or of a
 *   fork, whose source the same rule must allow.
 */

/** @typedef {{ readonly status: number, readonly text: string, readonly headers?: import('node:http').OutgoingHttpHeaders }} Refusal */

/**
 * Returns the rule for a path; undefined where no stream can be.
 * @param {readonly StreamRule[]} rules
 * @param {string} path
 */
export function findRule(rules, path) {
  return rules.find(({ folder, name }) => path.startsWith(folder) && name.test(path.slice(folder.length)))
}

/**
 * Says why `rule` refuses a request; undefined when it accepts it.
 * @param {StreamRule} rule
 * @param {Pick<import('node:http').IncomingMessage, 'method' | 'headers'>} request
 * @returns {Refusal | undefined}
 */
export function refuseRequest(rule, { method = '', headers }) {
  const { methods, contentTypes, maxRequestBytes } = rule
  if (!methods.includes(method)) {
    const allow = methods.join(', ')
    return { status: 405, text: `Expected ${allow} but received ${method}.`, headers: { allow } }
  }
  if (isRead(method)) return undefined
  const source = rule.headers?.includes('stream-forked-from') ? headers['stream-forked-from'] : undefined
  if (source !== undefined && findRule([rule], String(source)) === undefined) {
    return { status: 403, text: 'A stream is forked from one of its own kind.' }
  }
  if (method === 'DELETE' && bodyLength(headers) === 0) return undefined
  const type = headers['content-type']
  const isClosing = rule.closable && method === 'POST' && bodyLength(headers) === 0
  if (!isClosing && (type === undefined || !contentTypes.includes(mediaType(type)))) {
    return {
      status: 415,
      text: `Expected ${contentTypes.join(', ')} but received ${type ?? 'no content type'}.`,
    }
  }
  if (headers['transfer-encoding'] !== undefined) {
    return { status: 411, text: 'The request has no Content-Length header.' }
  }
  const length = bodyLength(headers)
  if (length <= maxRequestBytes) return undefined
  return { status: 413, text: `The request has ${length} bytes; at most ${maxRequestBytes} are accepted.` }
}

/** @param {string} method */
export function isRead(method) {
  return method === 'GET' || method === 'HEAD'
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
export function bodyLength({ 'content-length': length }) {
  return Number(length ?? 0)
}

/** `Application/JSON; charset=utf-8` -> `application/json`. */
function mediaType(/** @type {string} */ header) {
  return (header.split(';')[0] ?? '').trim().toLowerCase()
}

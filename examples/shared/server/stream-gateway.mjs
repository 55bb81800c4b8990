import { answerByFetch } from './fetch-answer.mjs'
import { commonHeaders, corsHeaders, inertPolicy } from './response-headers.mjs'
import { bodyLength, findRule, isRead, refuseRequest } from './stream-rules.mjs'
import { StreamSizes } from './stream-sizes.mjs'

/** @typedef {import('node:http').IncomingMessage} Request */
/** @typedef {import('node:http').ServerResponse} Response */
/** @typedef {import('./stream-rules.mjs').StreamRule} StreamRule */

/** Headers of a page's request that reach the stream server. `stream-closed` does where a rule says so. */
const requestHeaders = [
  ...['accept', 'content-type', 'if-none-match', 'stream-seq'],
  ...['producer-id', 'producer-epoch', 'producer-seq'],
]
/** Query parameters that reach the stream server. */
const queryParameters = ['offset', 'live', 'cursor']
/** The bodies of all requests under way, in bytes: each is kept until it is whole. */
const maxPendingBytes = 64 * 1024 * 1024
/** Headers of the stream server's answer that reach the page, beside those of the protocol. */
const responseHeaders = ['content-type', 'content-length', 'etag', 'retry-after']

/**
 * Returns what passes pages' requests on to the stream server: those that a rule accepts, with a path, parameters and
 * headers that are built anew. Nothing of the request is an address, so that no request leads anywhere else.
 * @param {import('./stream-server.mjs').StreamServer} streams
 * @param {readonly StreamRule[]} rules
 */
export function createGateway(streams, rules) {
  const sizes = new StreamSizes(streams)
  let pendingBytes = 0
  /**
   * How many streams pages have created by each rule, since this server was started.
   * @type {Map<StreamRule, number>}
   */
  const created = new Map()

  /**
   * Answers a request for a stream; never rejects.
   * @param {Request} request A request that `refuseCaller` accepted.
   * @param {Response} response
   * @param {import('./request-target.mjs').Target} target
   */
  return async function answerStream(request, response, { path, query }) {
    const { method = '', headers } = request
    const cors = corsHeaders(headers.origin)
    const refuse = (/** @type {import('./stream-rules.mjs').Refusal} */ { status, text, headers: more }) =>
      refuseWith(request, response, { status, text, headers: { ...cors, ...more } })

    const rule = findRule(rules, path)
    if (rule === undefined) return refuse({ status: 404, text: 'There is no such stream.' })
    if (method === 'OPTIONS') return answerPreflight(response, rule, cors)
    const refusal = refuseRequest(rule, request)
    if (refusal !== undefined) return refuse(refusal)
    if (rule.mayWrite !== undefined && !isRead(method) && !rule.mayWrite(headers.authorization)) {
      return refuse({ status: 401, text: 'Sign in first.', headers: { 'www-authenticate': 'Bearer' } })
    }

    const bytes = isRead(method) ? 0 : bodyLength(headers)
    const settle = bytes === 0 ? () => {} : await reserve(path, bytes, rule.maxStreamBytes)
    if (settle === undefined) {
      return refuse({
        status: 413,
        text: `The stream is full: it holds at most ${rule.maxStreamBytes} bytes.`,
      })
    }
    if (pendingBytes + bytes > maxPendingBytes) {
      settle('refused')
      const text = 'The server is busy with other requests.'
      return refuse({ status: 503, text, headers: { 'retry-after': '1' } })
    }
    pendingBytes += bytes
    const body = await readBody(request, bytes)
    pendingBytes -= bytes
    // The page left before it had sent everything.
    if (body === undefined || response.destroyed) return settle('refused')
    const isCounted = method === 'PUT' && rule.maxCreated !== undefined
    if (isCounted && !count(rule)) {
      settle('refused')
      const text = `There are too many streams: pages have created ${rule.maxCreated} since the server was started.`
      return refuse({ status: 507, text })
    }

    const sent = { method, path: path + searchOf(query), headers: pick(headers, headersOf(rule)) }
    // Who somebody is, is told to what asks for it, and not to the stream server.
    delete sent.headers['authorization']
    /** @returns {import('node:http').OutgoingHttpHeaders} */
    const answerHeaders = (/** @type {import('node:http').IncomingHttpHeaders} */ given) => {
      const { 'content-type': type, ...rest } = protocolHeaders(given)
      return {
        ...{ ...commonHeaders, ...cors, ...rest, ...(type !== undefined && { 'content-type': type }) },
        ...(rule.isFile && fileHeaders(type, rule)),
        // A stream may be created anew under the same address: nothing of it may be cached.
        'cache-control': 'no-store',
      }
    }
    // The write gateway, which says who may write what.
    const ask = async (/** @type {import('./fetch-answer.mjs').FetchHandler} */ handler) => {
      const url = `http://${headers.host}${sent.path}`
      const kept = /** @type {Record<string, string>} */ (
        pick(headers, [...headersOf(rule), 'authorization'])
      )
      let outcome = /** @type {'stored' | 'refused' | 'unknown'} */ ('unknown')
      try {
        await answerByFetch(handler, response, { method, url, headers: kept, body }, (answer) => {
          const given = Object.fromEntries(answer.headers)
          outcome = isStored({ statusCode: answer.status }, headers) ? 'stored' : 'refused'
          if (isCounted && answer.status !== 201) created.set(rule, (created.get(rule) ?? 1) - 1)
          return { ...answerHeaders(given), ...pick(given, ['www-authenticate', 'content-security-policy']) }
        })
      } finally {
        settle(outcome)
      }
    }
    if (rule.handler !== undefined) return ask(rule.handler)

    const upstream = streams.request(sent)
    upstream.on('response', (answer) => {
      settle(isStored(answer, headers) ? 'stored' : 'refused')
      // It was there already, or could not be made.
      if (isCounted && answer.statusCode !== 201) created.set(rule, (created.get(rule) ?? 1) - 1)
      response.writeHead(answer.statusCode ?? 502, answerHeaders(answer.headers))
      answer.pipe(response)
      answer.on('error', () => response.destroy())
    })
    upstream.on('error', () => {
      settle('unknown')
      if (response.headersSent) response.destroy()
      else refuse({ status: 502, text: 'The stream server does not answer.' })
    })
    response.on('close', () => {
      settle('unknown')
      upstream.destroy()
    })
    upstream.end(body)
  }

  /**
   * Counts a stream that is about to be created; false where there are as many as the rule allows.
   * @param {StreamRule} rule
   */
  function count(rule) {
    const before = created.get(rule) ?? 0
    if (before >= (rule.maxCreated ?? Infinity)) return false
    created.set(rule, before + 1)
    return true
  }

  /**
   * @param {string} path
   * @param {number} bytes
   * @param {number} max
   */
  async function reserve(path, bytes, max) {
    try {
      return await sizes.reserve(path, bytes, max)
    } catch {
      // The stream server does not answer; the request finds that out by itself.
      return () => {}
    }
  }
}

/**
 * Returns the body of a request, which a rule has limited; undefined when it does not come to its end.
 *
 * Read whole before any of it is passed on: a page that leaves in the middle leaves nothing behind.
 * @param {Request} request
 * @param {number} bytes
 */
async function readBody(request, bytes) {
  // A body of a GET has no meaning, and no limit.
  if (bytes === 0) return Buffer.alloc(0)
  /** @type {Buffer[]} */
  const chunks = []
  try {
    for await (const chunk of request) chunks.push(chunk)
  } catch {
    return undefined
  }
  const body = Buffer.concat(chunks)
  return body.length === bytes ? body : undefined
}

/**
 * Answers with a refusal, and ends the connection where a body is still to come that nobody will read.
 * @param {Request} request
 * @param {Response} response
 * @param {import('./stream-rules.mjs').Refusal} refusal
 */
export function refuseWith(request, response, { status, text, headers }) {
  if (response.destroyed || response.headersSent) return
  const hasBody = request.headers['transfer-encoding'] !== undefined || bodyLength(request.headers) > 0
  response.writeHead(status, {
    ...{ ...commonHeaders, 'content-security-policy': inertPolicy, 'cache-control': 'no-store' },
    ...{ 'content-type': 'text/plain; charset=utf-8', ...(hasBody && { connection: 'close' }), ...headers },
  })
  response.end(request.method === 'HEAD' ? undefined : text)
}

/**
 * @param {Response} response
 * @param {StreamRule} rule
 * @param {import('node:http').OutgoingHttpHeaders} cors
 */
function answerPreflight(response, rule, cors) {
  const allowed = headersOf(rule).join(', ')
  response.writeHead(204, {
    ...{ ...commonHeaders, ...cors, 'access-control-allow-methods': rule.methods.join(', ') },
    ...{ 'access-control-allow-headers': allowed, 'access-control-max-age': '600' },
  })
  response.end()
}

/**
 * Tells whether an append was stored now, and not by an earlier attempt of the same producer.
 * @param {Pick<Request, 'statusCode'>} answer
 * @param {import('node:http').IncomingHttpHeaders} sent
 */
function isStored({ statusCode = 0 }, { 'producer-id': producer }) {
  return producer === undefined
    ? statusCode >= 200 && statusCode < 300
    : statusCode === 200 || statusCode === 201
}

/** @param {StreamRule} rule */
function headersOf({ closable, headers = [], handler, mayWrite }) {
  const isGuarded = handler !== undefined || mayWrite !== undefined
  return [
    ...requestHeaders,
    ...(closable ? ['stream-closed'] : []),
    ...(isGuarded ? ['authorization'] : []),
    ...headers,
  ]
}

/** @param {URLSearchParams} query */
function searchOf(query) {
  const known = new URLSearchParams([...query].filter(([name]) => queryParameters.includes(name)))
  return known.size === 0 ? '' : `?${known}`
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
function protocolHeaders(headers) {
  const names = Object.keys(headers).filter((name) => /^(stream|producer)-/.test(name))
  return pick(headers, [...responseHeaders, ...names])
}

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {readonly string[]} names
 * @returns {import('node:http').OutgoingHttpHeaders}
 */
function pick(headers, names) {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  )
}

/**
 * A file is saved, never shown: with a type of the list or none in particular.
 * @param {import('node:http').OutgoingHttpHeader | undefined} type
 * @param {StreamRule} rule
 */
function fileHeaders(type, { contentTypes }) {
  const isEvents = type === 'text/event-stream'
  return {
    'content-type': isEvents || contentTypes.includes(String(type)) ? type : 'application/octet-stream',
    'content-disposition': 'attachment',
    'content-security-policy': inertPolicy,
  }
}

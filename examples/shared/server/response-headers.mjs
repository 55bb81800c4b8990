/** @typedef {import('node:http').OutgoingHttpHeaders} Headers */

/**
 * Headers of every answer: browsers guess no type, other sites cannot embed it, links send no referrer.
 * @type {Readonly<Headers>}
 */
export const commonHeaders = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
}

/** A document with this policy loads nothing, runs nothing and has an origin of its own. For what users sent. */
export const inertPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

/**
 * The policy of a page: scripts, styles and requests of this server only, which has a name below `localhost` per room.
 * @param {number} port
 */
export function pagePolicy(port) {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    `connect-src 'self' http://*.localhost:${port}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/**
 * Lets the pages of this server read an answer that comes from another of its names.
 * @param {string | undefined} origin An origin that `refuseCaller` accepted.
 * @returns {Headers}
 */
export function corsHeaders(origin) {
  return {
    vary: 'origin',
    ...(origin !== undefined && {
      'access-control-allow-origin': origin,
      'access-control-expose-headers': exposedHeaders,
    }),
  }
}

const exposedHeaders = [
  ...[
    'stream-next-offset',
    'stream-cursor',
    'stream-up-to-date',
    'stream-closed',
    'stream-sse-data-encoding',
  ],
  ...['producer-epoch', 'producer-seq', 'producer-expected-seq', 'producer-received-seq'],
  ...['etag', 'retry-after'],
].join(', ')

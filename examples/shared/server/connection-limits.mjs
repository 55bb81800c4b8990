/**
 * How long a server waits for a client, and for how many of them.
 * @typedef {object} ConnectionLimits
 * @property {number} headersTimeout Milliseconds from a connection, or from the first byte of a further request, to the end of its head.
 * @property {number} requestTimeout Milliseconds from the first byte of a request to the last one of its body. An answer may
 *   take as long as it likes: live reads do.
 * @property {number} keepAliveTimeout Milliseconds that an idle connection is kept.
 * @property {number} connectionsCheckingInterval Milliseconds between two looks at what has timed out.
 * @property {number} maxHeaderSize Bytes of a request's head.
 * @property {number} maxHeadersCount
 * @property {number} maxConnections
 */

/** @type {Readonly<ConnectionLimits>} */
export const connectionLimits = {
  // A page sends 1 MiB at most in one request, over loopback. Ten seconds of nothing are no page.
  ...{ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 },
  connectionsCheckingInterval: 2_000,
  ...{ maxHeaderSize: 16 * 1024, maxHeadersCount: 100 },
  // A browser has six for each of our names, and a window needs two or three.
  maxConnections: 512,
}

/**
 * Ends connections whose client says nothing (no head, a slow head, a slow body), and takes no more than a number of them.
 * @param {import('node:http').Server} server Created with the same limits: two of them cannot be set afterwards.
 * @param {Readonly<ConnectionLimits>} limits
 */
export function limitConnections(server, limits) {
  server.headersTimeout = limits.headersTimeout
  server.requestTimeout = limits.requestTimeout
  server.keepAliveTimeout = limits.keepAliveTimeout
  server.maxHeadersCount = limits.maxHeadersCount
  server.maxConnections = limits.maxConnections
}

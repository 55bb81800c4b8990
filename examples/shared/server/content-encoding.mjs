import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

/** @typedef {'br' | 'gzip' | 'identity'} Encoding */

/** Smaller bodies gain nothing. */
const minBytes = 1_024

/**
 * Returns a body in each encoding in which it can be sent.
 * @param {string | Uint8Array} body
 * @returns {Readonly<Partial<Record<Encoding, Buffer>>> & { readonly identity: Buffer }}
 */
export function encodeBody(body) {
  const identity = Buffer.from(body)
  if (identity.length < minBytes) return { identity }
  // Quality 9 of 11: the last two take ten times longer for a twentieth of the size.
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: identity.length }
  return { identity, gzip: gzipSync(identity, { level: 9 }), br: brotliCompressSync(identity, { params }) }
}

/**
 * Returns the encoding that a request's `Accept-Encoding` prefers among those of `bodies`; the smallest of equal ones.
 * @param {string | undefined} header
 * @param {Readonly<Partial<Record<Encoding, unknown>>>} bodies
 * @returns {Encoding}
 */
export function chooseEncoding(header, bodies) {
  const weights = readWeights(header)
  /** @type {Encoding} */
  let best = 'identity'
  let bestWeight = weights.get('identity') ?? Number.MIN_VALUE
  for (const encoding of /** @type {const} */ (['gzip', 'br'])) {
    const weight = weights.get(encoding) ?? weights.get('*') ?? 0
    if (bodies[encoding] === undefined || weight === 0 || weight < bestWeight) continue
    best = encoding
    bestWeight = weight
  }
  return best
}

/**
 * `gzip, br;q=0.5` -> `gzip` 1, `br` 0.5.
 * @param {string | undefined} header
 */
function readWeights(header = '') {
  return new Map(
    header.split(',').map((entry) => {
      const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
      const weight = Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1)
      return [name, Number.isNaN(weight) ? 0 : weight]
    }),
  )
}

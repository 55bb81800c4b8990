/**
 * The known size of a stream, in bytes.
 * @typedef {object} Size
 * @property {number} stored
 * @property {number} reserved By requests under way.
 * @property {boolean} exact False when the stream must be read to know `stored`.
 * @property {Promise<void> | undefined} counting
 */

/** Counts the bytes in each stream that pages write to, so that many small requests cannot pass a stream's limit. */
export class StreamSizes {
  #streams
  /** @type {Map<string, Size>} */
  #sizes = new Map()

  /** @param {Pick<import('./stream-server.mjs').StreamServer, 'fetch'>} streams */
  constructor(streams) {
    this.#streams = streams
  }

  /**
   * Reserves room in a stream for a request under way; undefined when there is not enough.
   * @param {string} path
   * @param {number} bytes
   * @param {number} max
   * @returns {Promise<((outcome: 'stored' | 'refused' | 'unknown') => void) | undefined>} Settles the reservation.
   */
  async reserve(path, bytes, max) {
    const size = await this.#sizeOf(path)
    if (size.stored + size.reserved + bytes > max) return undefined
    size.reserved += bytes
    let settled = false
    return (outcome) => {
      if (settled) return
      settled = true
      size.reserved -= bytes
      // Counted until the stream is read again.
      if (outcome !== 'refused') size.stored += bytes
      if (outcome === 'unknown') size.exact = false
      // Nothing is kept of streams that do not exist.
      if (size.stored + size.reserved === 0) this.#sizes.delete(path)
    }
  }

  /** @param {string} path */
  async #sizeOf(path) {
    for (;;) {
      const size = this.#sizes.get(path) ?? { stored: 0, reserved: 0, exact: false, counting: undefined }
      this.#sizes.set(path, size)
      // Not while requests are under way: the stream may hold some of them already, which would then count twice.
      if (!size.exact && size.reserved === 0) size.counting ??= this.#count(path, size)
      await size.counting
      // Otherwise it was given up meanwhile.
      if (this.#sizes.get(path) === size) return size
    }
  }

  /**
   * @param {string} path
   * @param {Size} size
   */
  async #count(path, size) {
    try {
      size.stored = await this.#read(path)
      size.exact = true
    } finally {
      size.counting = undefined
    }
  }

  /** @param {string} path */
  async #read(path) {
    let stored = 0
    for (let offset = '-1'; ;) {
      const target = `${path}?offset=${offset}`
      const { ok, headers, body } = await this.#streams.fetch({ method: 'GET', path: target })
      if (!ok) return stored // There is no such stream yet.
      stored += body.length
      const next = String(headers['stream-next-offset'] ?? offset)
      if (headers['stream-up-to-date'] !== undefined || next === offset) return stored
      offset = next
    }
  }
}

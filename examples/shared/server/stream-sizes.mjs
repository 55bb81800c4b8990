/** Counts the bytes in each stream that pages write to, so that many small requests cannot pass a stream's limit. */
export class StreamSizes {
  #streams
  /** @type {Map<string, Promise<{ stored: number, reserved: number }>>} */
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
   * @returns {Promise<((outcome: 'stored' | 'refused' | 'unknown') => void) | undefined>} What settles the reservation.
   */
  async reserve(path, bytes, max) {
    const counting = this.#sizes.get(path) ?? this.#count(path)
    this.#sizes.set(path, counting)
    counting.catch(() => this.#sizes.delete(path))
    const size = await counting
    if (size.stored + size.reserved + bytes > max) return undefined
    size.reserved += bytes
    let settled = false
    return (outcome) => {
      if (settled) return
      settled = true
      size.reserved -= bytes
      if (outcome === 'stored') size.stored += bytes
      // The next request reads the stream to find out.
      if (outcome === 'unknown') this.#sizes.delete(path)
    }
  }

  /** @param {string} path */
  async #count(path) {
    let stored = 0
    for (let offset = '-1'; ;) {
      const { ok, headers, body } = await this.#streams.fetch({
        method: 'GET',
        path: `${path}?offset=${offset}`,
      })
      if (!ok) return { stored, reserved: 0 } // There is no such stream yet.
      stored += body.length
      const next = String(headers['stream-next-offset'] ?? offset)
      if (headers['stream-up-to-date'] !== undefined || next === offset) return { stored, reserved: 0 }
      offset = next
    }
  }
}

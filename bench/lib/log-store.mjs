/** Offsets are counts of items, in text of a fixed width, so that they sort. */
export const offsetOf = (/** @type {number} */ count) => String(count).padStart(16, '0')

/** A log as the bodies that a server answers with; nothing is serialised twice. */
export class LogStore {
  /** @type {{ from: number, to: number, body: Buffer }[]} */
  #segments = []
  /** @type {Map<number, number>} */
  #byStart = new Map()
  #waiters = new Set()
  end = 0
  /** Of all bodies together. */
  bytes = 0

  /**
   * Appends items as one segment: they are always answered together.
   * @param {string[]} items
   */
  append(items) {
    const to = this.end + items.length
    this.#byStart.set(this.end, this.#segments.length)
    const body = Buffer.from(items.join(','))
    this.#segments.push({ from: this.end, to, body })
    this.bytes += body.byteLength
    this.end = to
    for (const wake of [...this.#waiters]) wake()
  }

  /** Returns the segments from an offset on: one where it is a whole page, several where they are small. */
  read(offset, most) {
    const from = offset === '-1' ? 0 : Number(offset)
    const first = this.#byStart.get(from)
    if (first === undefined) return { bodies: [], to: this.end }
    const bodies = []
    let to = from
    for (const segment of this.#segments.slice(first, first + most)) {
      if (bodies.length > 0 && segment.to - from > most) break
      bodies.push(segment.body)
      to = segment.to
    }
    return { bodies, to }
  }

  /** Resolves at the next append, or after `ms`; returns what ends the wait as well. */
  appended(ms) {
    let stop = () => undefined
    const promise = new Promise((resolve) => {
      stop = () => {
        clearTimeout(timer)
        this.#waiters.delete(stop)
        resolve(undefined)
      }
      const timer = setTimeout(stop, ms)
      this.#waiters.add(stop)
    })
    return { promise, stop }
  }
}

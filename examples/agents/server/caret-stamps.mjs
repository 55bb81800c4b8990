/** How many windows of a document are remembered, with whose they are: those that were heard of last. */
const mostWindows = 1_000

/**
 * Says who writes in a document, where its windows say where they write: each tells its own place, in its own name. What they send is
 * what `y-protocols` makes of it, in the frames of `@durable-streams/y-durable-streams`.
 */
export class CaretStamps {
  /** Whose the windows of documents are. @type {Map<string, string>} */
  #owners = new Map()
  #nameOf

  /** @param {(id: string) => string} nameOf Returns the name of a person, or of an agent. */
  constructor(nameOf) {
    this.#nameOf = nameOf
  }

  /**
   * Returns what a window sends with the name of whoever has sent it; nothing where it is no such message, or speaks for a window of
   * somebody else.
   * @param {Uint8Array} body
   * @param {{ readonly path: string, readonly user: string }} from
   * @returns {Uint8Array | undefined}
   */
  stamp(body, { path, user }) {
    try {
      const frames = new Reader(body)
      const stamped = []
      while (!frames.isAtEnd) {
        const update = new Reader(frames.bytes())
        const count = update.number()
        const parts = [number(count)]
        for (let index = 0; index < count; index++) {
          const [window, clock] = [update.number(), update.number()]
          if (!this.#isOwn(`${path} ${window}`, user)) return undefined
          const state = this.#withName(JSON.parse(Buffer.from(update.bytes()).toString()), user)
          parts.push(number(window), number(clock), framed(Buffer.from(JSON.stringify(state))))
        }
        stamped.push(framed(Buffer.concat(parts)))
      }
      return Buffer.concat(stamped)
    } catch {
      return undefined
    }
  }

  /**
   * @param {unknown} state
   * @param {string} user
   */
  #withName(state, user) {
    // It leaves.
    if (typeof state !== 'object' || state === null) return null
    const { user: said } = /** @type {{ user?: unknown }} */ (state)
    return { ...state, user: { ...Object(said), id: user, name: this.#nameOf(user) } }
  }

  /**
   * @param {string} window
   * @param {string} user
   */
  #isOwn(window, user) {
    const owner = this.#owners.get(window) ?? user
    if (owner !== user) return false
    this.#owners.delete(window)
    this.#owners.set(window, owner)
    for (const oldest of this.#owners.keys()) {
      if (this.#owners.size <= mostWindows) break
      this.#owners.delete(oldest)
    }
    return true
  }
}

/** Reads what is written as numbers of seven bits a byte, and as bytes behind their number. */
class Reader {
  #bytes
  #at = 0

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes
  }

  get isAtEnd() {
    return this.#at >= this.#bytes.length
  }

  number() {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined || factor > Number.MAX_SAFE_INTEGER) throw new RangeError('Expected a number')
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  bytes() {
    const end = this.number() + this.#at
    if (end > this.#bytes.length) throw new RangeError('Expected more bytes')
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }
}

/** @param {number} value */
function number(value) {
  const bytes = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128)
  return Buffer.from([...bytes, value])
}

/** @param {Uint8Array} bytes */
function framed(bytes) {
  return Buffer.concat([number(bytes.length), bytes])
}

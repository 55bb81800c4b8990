import { createDecoder, hasContent, readVarString, readVarUint, readVarUint8Array } from 'lib0/decoding'
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'

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
      // A copy: what a decoder reads is bounded by the memory that the bytes lie in, which Node shares among requests.
      const frames = createDecoder(Uint8Array.from(body))
      const stamped = createEncoder()
      while (hasContent(frames)) {
        const update = this.#stampUpdate(readVarUint8Array(frames), path, user)
        if (update === undefined) return undefined
        writeVarUint8Array(stamped, update)
      }
      return toUint8Array(stamped)
    } catch {
      return undefined
    }
  }

  /**
   * @param {Uint8Array} update
   * @param {string} path
   * @param {string} user
   */
  #stampUpdate(update, path, user) {
    const given = createDecoder(update)
    const stamped = createEncoder()
    const count = readVarUint(given)
    writeVarUint(stamped, count)
    for (let index = 0; index < count; index++) {
      const [window, clock] = [readVarUint(given), readVarUint(given)]
      if (!this.#isOwn(`${path} ${window}`, user)) return undefined
      writeVarUint(stamped, window)
      writeVarUint(stamped, clock)
      writeVarString(stamped, JSON.stringify(this.#withName(JSON.parse(readVarString(given)), user)))
    }
    return toUint8Array(stamped)
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

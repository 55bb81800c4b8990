/**
 * Parses the body of a response, a JSON array in UTF-8 that comes in pieces, into its items.
 *
 * A large body is parsed in parts, so that neither the event loop is held for long nor all of it in memory at a time.
 * Throws a `SyntaxError` where it is no JSON. What is no array is one item.
 */
export class JsonItems {
  // Pieces that are not decoded yet: all of a small body, which is decoded at once, as that is faster to parse.
  #pieces: Uint8Array[] = []
  #size = 0
  readonly #decoder = new TextDecoder()
  // What is not parsed yet: from an item of the array on, its bracket left out, once a part was parsed.
  #text = ''
  // How far the text was looked through, how deep in objects and arrays that is, and where the last item ended.
  #seen = 0
  #depth = 0
  #end = 0
  #inParts = false
  readonly #enough: number

  /** `enough`: how many bytes are worth to be parsed by themselves; as it is, that takes some ms. */
  constructor(enough: number = 512 * 1024) {
    this.#enough = enough
  }

  /** Takes a piece in; returns the items that are there to be taken in, if they are worth it. */
  push(piece: Uint8Array): readonly unknown[] {
    this.#pieces.push(piece)
    this.#size += piece.byteLength
    if (this.#size < this.#enough) return []
    this.#text += this.#decode({ stream: true })
    this.#look()
    if (this.#end === 0) return []
    const items = parseArray(`${this.#inParts ? '[' : ''}${this.#text.slice(0, this.#end)}]`)
    // Behind the comma.
    this.#text = this.#text.slice(this.#end + 1)
    this.#seen -= this.#end + 1
    this.#end = 0
    this.#inParts = true
    return items
  }

  /** Returns the rest of the items: all, where there were too few for parts. */
  finish(): readonly unknown[] {
    return parseArray((this.#inParts ? '[' : '') + this.#text + this.#decode())
  }

  #decode(options?: TextDecodeOptions): string {
    const bytes = new Uint8Array(this.#size)
    let at = 0
    for (const piece of this.#pieces) {
      bytes.set(piece, at)
      at += piece.byteLength
    }
    this.#pieces = []
    this.#size = 0
    return this.#decoder.decode(bytes, options)
  }

  /** Looks for commas between items. What it sees of text that is no JSON does not matter: it will not parse. */
  #look(): void {
    const text = this.#text
    if (!this.#inParts && !/^\s*\[/.test(text)) return
    let index = this.#seen
    for (; index < text.length; index++) {
      switch (text.charCodeAt(index)) {
        case 0x22: {
          const end = endOfString(text, index)
          if (end === -1) {
            // Looked at again when there is more of it.
            this.#seen = index
            return
          }
          index = end
          break
        }
        case 0x5b: // [
        case 0x7b: // {
          this.#depth++
          break
        case 0x5d: // ]
        case 0x7d: // }
          this.#depth--
          break
        case 0x2c: // ,
          if (this.#depth === 1) this.#end = index
          break
      }
    }
    this.#seen = index
  }
}

/** Returns where the string ends that begins at `start`, or -1. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
    if (slashes % 2 === 0) return end
    end = text.indexOf('"', end + 1)
  }
  return -1
}

function parseArray(text: string): readonly unknown[] {
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed) ? parsed : [parsed]
}

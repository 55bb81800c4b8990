/**
 * Parses the body of a response, a JSON array that comes in pieces, into its items.
 *
 * A large body is parsed in parts, so that neither the event loop is held for long nor all of it in memory at a time.
 * Throws a `SyntaxError` where it is no JSON. What is no array is one item.
 */
export class JsonItems {
  // What is not parsed yet: from an item of the array on, its bracket left out, once a part was parsed.
  #text = ''
  // How far the text was looked through, how deep in objects and arrays that is, and where the last item ended.
  #seen = 0
  #depth = 0
  #end = 0
  #inParts = false
  readonly #enough: number

  /** `enough`: how many characters are worth to be parsed by themselves; as it is, that takes some ms. */
  constructor(enough: number = 128 * 1024) {
    this.#enough = enough
  }

  /** Takes a piece in; returns the items that are there to be taken in, if they are worth it. */
  push(piece: string): readonly unknown[] {
    this.#text += piece
    if (this.#text.length < this.#enough) return []
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

  /** Takes the last piece in; returns the rest of the items: all, where there were too few for parts. */
  finish(piece: string): readonly unknown[] {
    return parseArray((this.#inParts ? '[' : '') + this.#text + piece)
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

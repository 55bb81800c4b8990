import { maxItemSize, TooLargeItem } from './too-large-item.ts'

/** Takes the body of a response in, piece by piece, and gives its items out. */
export interface ItemParser {
  /** Takes a piece; returns the complete items once there are enough of them for a batch. */
  push(piece: Uint8Array): readonly unknown[]
  /** Returns the rest of the items: all, where there were too few for parts. Throws a `SyntaxError`. */
  finish(): readonly unknown[]
}

/**
 * Parses the body of a response, a JSON array in UTF-8 that comes in pieces, into its items.
 *
 * A large body is parsed in parts, so that neither the event loop is held for long nor all of it in memory at a time;
 * an item above the limit is not parsed at all, and a `TooLargeItem` stands in its place. Every character is looked at
 * once. Throws a `SyntaxError` where the body is no JSON. What is no array is one item.
 */
export class JsonItems implements ItemParser {
  // Pieces that are not decoded yet: all of a small body, which is decoded at once, as that is faster to parse.
  #pieces: Uint8Array[] = []
  #size = 0
  readonly #decoder = new TextDecoder()
  readonly #scanner = new ItemScanner()
  // What is scanned and not parsed, from an item of the array on; its bracket is left out once a part was parsed.
  #texts: string[] = []
  #textSize = 0
  #inParts = false
  // Of an item that is too large, and left out: how large it is so far.
  #skipped: number | undefined
  readonly #enough: number
  readonly #limit: number

  /** `enough`: how many bytes are parsed at a time; the default takes a few milliseconds. */
  constructor(enough: number = 512 * 1024, limit: number = maxItemSize) {
    this.#enough = enough
    this.#limit = limit
  }

  push(piece: Uint8Array): readonly unknown[] {
    this.#pieces.push(piece)
    this.#size += piece.byteLength
    if (this.#size < this.#enough) return []
    return this.#scan(this.#decode({ stream: true }))
  }

  finish(): readonly unknown[] {
    const rest = this.#decode()
    // Small bodies are not scanned: nothing in them is too large.
    const items = this.#inParts || this.#textSize > 0 || rest.length > this.#limit ? this.#scan(rest) : []
    if (this.#skipped !== undefined) throw new SyntaxError('Unexpected end of JSON input')
    if (items.length === 0 && this.#textSize === 0) return parseArray((this.#inParts ? '[' : '') + rest)
    const last = parseArray((this.#inParts ? '[' : '') + this.#texts.join(''))
    return items.length === 0 ? last : [...items, ...last]
  }

  /** Scans in steps, so that the limit also holds for a body that arrives in one piece. */
  #scan(text: string): readonly unknown[] {
    if (text.length <= this.#enough) return this.#scanStep(text)
    const items: unknown[] = []
    for (let at = 0; at < text.length; at += this.#enough) {
      for (const item of this.#scanStep(text.slice(at, at + this.#enough))) items.push(item)
    }
    return items
  }

  #scanStep(text: string): readonly unknown[] {
    const items: unknown[] = []
    let from = 0
    while (from < text.length) {
      const { lastComma, stop } = this.#scanner.scan(text, from, this.#skipped !== undefined)
      if (this.#skipped !== undefined) {
        // To the end of the item that is left out.
        this.#skipped += (stop ?? text.length) - from
        if (stop === undefined) return items
        items.push(new TooLargeItem(this.#skipped, this.#limit))
        this.#skipped = undefined
        // Behind the comma; a bracket is parsed with what follows.
        from = text[stop] === ',' ? stop + 1 : stop
        this.#scanner.resume(text[stop] === ',')
        continue
      }
      if (lastComma !== undefined) {
        this.#texts.push(text.slice(from, lastComma))
        const parsed = this.#parseTexts()
        this.#keep(text.slice(lastComma + 1))
        return items.length === 0 ? parsed : [...items, ...parsed]
      }
      this.#keep(text.slice(from))
      break
    }
    return items
  }

  /** Keeps the beginning of an item, unless it is too large already. */
  #keep(text: string): void {
    this.#texts.push(text)
    this.#textSize += text.length
    if (this.#textSize <= this.#limit) return
    if (!this.#scanner.isInItem) {
      // Blanks without end, or a value that is no array: nothing can be left out, and it must not be kept for ever. The end
      // of an item that is just within the limit may come with what follows it.
      if (this.#textSize <= this.#limit + this.#enough) return
      throw new SyntaxError(`More than ${this.#limit} characters of a body are no items of an array`)
    }
    this.#skipped = this.#textSize
    this.#texts = []
    this.#textSize = 0
    this.#inParts = true
  }

  #parseTexts(): readonly unknown[] {
    const items = parseArray(`${this.#inParts ? '[' : ''}${this.#texts.join('')}]`)
    this.#texts = []
    this.#textSize = 0
    this.#inParts = true
    return items
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
}

/** Looks for the ends of an array's items in a text that comes in pieces. Invalid JSON is not detected here: it fails to parse later. */
class ItemScanner {
  #kind: 'unknown' | 'array' | 'other' = 'unknown'
  #depth = 0
  #inString = false
  // The text before ended in an odd number of backslashes, inside a string.
  #escaped = false

  /** Inside an item of the array, and not behind the end of the array. */
  get isInItem(): boolean {
    return this.#kind === 'array' && this.#depth > 0
  }

  /** Goes on behind a `stop`, which was the item's comma or the array's bracket; a bracket is scanned again. */
  resume(isComma: boolean): void {
    if (!isComma) this.#depth = 1
  }

  /** Scans a text; `stopAtEnd` stops at the end of the item that is under way. */
  scan(
    text: string,
    from: number,
    stopAtEnd: boolean,
  ): { lastComma?: number | undefined; stop?: number | undefined } {
    let lastComma: number | undefined
    let stop: number | undefined
    // In a variable: this runs for every character.
    let depth = this.#depth
    let index = from
    if (this.#inString) index = this.#endOfString(text, index) + 1
    for (; index < text.length && stop === undefined; index++) {
      switch (text.charCodeAt(index)) {
        case 0x22: // "
          this.#inString = true
          index = this.#endOfString(text, index + 1)
          break
        case 0x5b: // [
        case 0x7b: // {
          if (this.#kind === 'unknown') this.#kind = text[index] === '[' ? 'array' : 'other'
          depth++
          break
        case 0x5d: // ]
        case 0x7d: // }
          depth--
          if (stopAtEnd && depth === 0) stop = index
          break
        case 0x2c: // ,
          if (depth !== 1 || this.#kind !== 'array') break
          if (stopAtEnd) stop = index
          else lastComma = index
          break
      }
    }
    this.#depth = depth
    return { lastComma, stop }
  }

  /** Returns the end of the string that contains `start`: the index of its quote, or of the last character of the text. */
  #endOfString(text: string, start: number): number {
    let end = text.indexOf('"', start)
    while (end !== -1) {
      if (!isEscaped(text, start, end, this.#escaped)) {
        this.#inString = this.#escaped = false
        return end
      }
      end = text.indexOf('"', end + 1)
    }
    this.#escaped = isEscaped(text, start, text.length, this.#escaped)
    return text.length - 1
  }
}

/** Whether an odd number of backslashes stands before `end`; `before`: whether one does before `start`. */
function isEscaped(text: string, start: number, end: number, before: boolean): boolean {
  let slashes = 0
  while (end - 1 - slashes >= start && text.charCodeAt(end - 1 - slashes) === 0x5c) slashes++
  const isOdd = slashes % 2 === 1
  return end - slashes === start && before ? !isOdd : isOdd
}

/** Parses a JSON text into items: an array's, or the one value that it is. */
export function parseItems(text: string): readonly unknown[] {
  if (text.length <= maxItemSize) return parseArray(text)
  const parser = new JsonItems()
  return [...parser.push(new TextEncoder().encode(text)), ...parser.finish()]
}

function parseArray(text: string): readonly unknown[] {
  const parsed: unknown = JSON.parse(text)
  return Array.isArray(parsed) ? parsed : [parsed]
}

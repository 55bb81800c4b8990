import type { ItemParser } from './json-array-parser.ts'
import { maxItemSize, TooLargeItem } from './too-large-item.ts'

/**
 * Parses newline-delimited JSON that comes in pieces: one item a line.
 *
 * A line above the limit is not parsed; a `TooLargeItem` stands in its place.
 */
export class NdjsonItems implements ItemParser {
  readonly #decoder = new TextDecoder()
  // Of the last line, which has not ended.
  #texts: string[] = []
  #size = 0
  // Complete lines that are not worth a batch yet.
  #lines: string[] = []
  #linesSize = 0
  readonly #enough: number
  readonly #limit: number

  constructor(enough: number = 512 * 1024, limit: number = maxItemSize) {
    this.#enough = enough
    this.#limit = limit
  }

  /** Whether the text so far ends inside a line: some servers end a page there, and continue the line in the next one. */
  get isInsideLine(): boolean {
    return this.#size > 0
  }

  push(piece: Uint8Array): readonly unknown[] {
    const text = this.#decoder.decode(piece, { stream: true })
    let from = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#keep(text.slice(from, end))
      this.#endLine()
      from = end + 1
    }
    this.#keep(text.slice(from))
    return this.#linesSize < this.#enough ? [] : this.#parse()
  }

  finish(): readonly unknown[] {
    this.#keep(this.#decoder.decode())
    this.#endLine()
    return this.#parse()
  }

  #keep(text: string): void {
    this.#size += text.length
    // Of a line that is too large its length is enough.
    if (this.#size <= this.#limit) this.#texts.push(text)
  }

  #endLine(): void {
    const line = this.#size <= this.#limit ? this.#texts.join('').trim() : String(this.#size)
    if (this.#size > this.#limit) this.#tooLarge.add(this.#lines.length)
    if (line !== '') this.#lines.push(line)
    this.#linesSize += line.length
    this.#texts = []
    this.#size = 0
  }

  /** Which of the lines are the sizes of lines that were too large. */
  readonly #tooLarge = new Set<number>()

  #parse(): readonly unknown[] {
    const lines = this.#lines
    this.#lines = []
    this.#linesSize = 0
    const sizes = new Set(this.#tooLarge)
    this.#tooLarge.clear()
    if (sizes.size === 0) {
      const items: unknown = JSON.parse(`[${lines.join(',')}]`)
      return items as unknown[] // an array, by its brackets
    }
    return lines.map((line, index): unknown =>
      sizes.has(index) ? new TooLargeItem(Number(line), this.#limit) : JSON.parse(line),
    )
  }
}

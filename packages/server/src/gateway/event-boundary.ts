const lineFeed = 10
/** How much of a line is looked at: the name of an event is at its beginning. */
const longestName = 24

/**
 * Finds the places at which a stream of server-sent events may end, so that its reader has everything before them whole: behind an
 * event that says where the log goes on. Without that one, what came before it would be read again.
 */
export class EventBoundary {
  #line = ''
  #name = ''
  #hasFields = false
  // Events came, and not yet the one that says where the log goes on behind them.
  #isOpen = false

  /** Whether everything that was read is whole. */
  get isHere(): boolean {
    return this.#line === '' && !this.#hasFields && !this.#isOpen
  }

  /** Reads bytes that come next; returns how many: all of them, or those before the next such place where it is `toEnd`. */
  read(chunk: Uint8Array, toEnd: boolean): number {
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(lineFeed, at)
      const beginning = chunk.subarray(
        at,
        Math.min(end < 0 ? chunk.length : end, at + longestName - this.#line.length),
      )
      this.#line += String.fromCharCode(...beginning)
      if (end < 0) break
      at = end + 1
      this.#endLine()
      if (toEnd && this.isHere) return at
    }
    return chunk.length
  }

  #endLine(): void {
    const line = this.#line.trimEnd()
    this.#line = ''
    if (line === '') {
      if (this.#hasFields) this.#isOpen = this.#name !== 'control'
      this.#name = ''
      this.#hasFields = false
    } else if (!line.startsWith(':')) {
      this.#hasFields = true
      if (line.startsWith('event:')) this.#name = line.slice('event:'.length).trim()
    }
  }
}

import { start } from './offsets.ts'

/** A page of lines, as it ended. */
export interface LinesRead {
  /** The offset that it was asked for at. */
  readonly from: string
  /** Where it says that reading goes on. */
  readonly offset: string | undefined
  /** How many bytes it had, uncompressed. */
  readonly bytes: number
}

/**
 * Recognises a page of newline-delimited JSON that was cut, and ended as if it were whole: fetch in Node takes a chunked body
 * for complete where a proxy closes the connection in its middle, and lines have no end of their own as an array has.
 *
 * Offsets of servers that send lines count their bytes. So a page that has fewer is asked for again; one that is the same then
 * is no cut one: its server counts something else, or has dropped what was before.
 */
export class CutLines {
  #suspect: string | undefined

  isCut({ from, offset, bytes }: LinesRead): boolean {
    const [first, last] = [from === start ? 0 : countOf(from), countOf(offset)]
    if (first === undefined || last === undefined || bytes >= last - first) return false
    const page = `${from} ${offset} ${bytes}`
    const isSame = page === this.#suspect
    this.#suspect = page
    return !isSame
  }
}

function countOf(offset: string | undefined): number | undefined {
  return offset !== undefined && /^\d+$/.test(offset) ? Number(offset) : undefined
}

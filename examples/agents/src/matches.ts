/** A piece of a text, and whether it is one of the words that are looked for. */
export interface Piece {
  readonly text: string
  readonly isMatch: boolean
}

/** `' The  loom '` -> `['the', 'loom']`. */
export function wordsOf(query: string): readonly string[] {
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** Returns where the words are in a text; case does not matter, and places do not overlap. */
export function matchesIn(
  text: string,
  words: readonly string[],
): readonly (readonly [from: number, to: number])[] {
  const folded = text.toLocaleLowerCase()
  // Of few letters lower case is longer: then places would be those of another text.
  if (folded.length !== text.length) return []
  const places = words.flatMap((word) => {
    const found: [number, number][] = []
    for (let at = folded.indexOf(word); at !== -1; at = folded.indexOf(word, at + word.length))
      found.push([at, at + word.length])
    return found
  })
  let end = 0
  return places
    .sort(([a, aEnd], [b, bEnd]) => a - b || bEnd - aEnd)
    .filter(([from, to]) => {
      if (from < end) return false
      end = to
      return true
    })
}

/** Cuts a text where the words are. */
export function piecesOf(text: string, words: readonly string[]): readonly Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const [from, to] of matchesIn(text, words)) {
    if (from > end) pieces.push({ text: text.slice(end, from), isMatch: false })
    pieces.push({ text: text.slice(from, to), isMatch: true })
    end = to
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isMatch: false })
  return pieces
}

/** How much stands before the first of the words, where a text is shown on one line, in letters. */
const lead = 24

/** Returns a text from shortly before the first of the words, without the marks of Markdown, on one line. */
export function excerptOf(text: string, words: readonly string[]): string {
  const line = text
    .replaceAll(/[*_`#|>]|^\s*-\s/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const [at = 0] = matchesIn(line, words)[0] ?? []
  if (at <= lead) return line
  // From the beginning of a word on, unless that is far.
  const space = line.lastIndexOf(' ', at - lead / 2)
  return `…${line.slice(space === -1 || space < at - 2 * lead ? at : space + 1)}`
}

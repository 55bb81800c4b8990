import { piecesOf } from './matches.ts'

interface MarkedProps {
  readonly text: string
  readonly words: readonly string[]
}

/** Shows a text with the words that are looked for marked in it. */
export function Marked({ text, words }: MarkedProps) {
  // Pieces have no identity: they are rendered anew with every text.
  return piecesOf(text, words).map((piece, index) =>
    piece.isMatch ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
  )
}

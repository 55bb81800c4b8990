import type { Message, Part } from './rows.ts'
import type { MessageView } from './thread.ts'

/** Where a text was found. */
export interface SearchHit {
  readonly message: Message
  readonly part: Part
  /** Where in the part's text. */
  readonly index: number
  /** Some of the text around it. */
  readonly excerpt: string
}

const around = 40

/**
 * Returns the parts whose text holds all of the words, in the order of the messages. Case does not matter, nor whether an accent is a
 * character of its own.
 */
export function search(
  views: Iterable<MessageView>,
  textOf: (part: Part) => string,
  query: string,
): SearchHit[] {
  const words = fold(query)
    .text.split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return []
  const hits: SearchHit[] = []
  for (const { message, parts } of views) {
    for (const part of parts) {
      if (part.kind === 'raw') continue
      const text = part.kind === 'text' || part.kind === 'reasoning' ? textOf(part) : (part.name ?? '')
      const folded = fold(text)
      if (!words.every((word) => folded.text.includes(word))) continue
      const [word = ''] = words
      const at = folded.text.indexOf(word)
      const index = folded.placeOf(at)
      hits.push({ message, part, index, excerpt: excerptOf(text, index, folded.placeOf(at + word.length)) })
    }
  }
  return hits
}

/** A text as it is compared, whatever the language of the device. */
interface Folded {
  readonly text: string
  /** Where in the text itself a place of this one is. */
  placeOf(index: number): number
}

function fold(text: string): Folded {
  const whole = foldCase(text)
  // Most texts are as long as they were: then places are the same.
  if (whole.length === text.length) return { text: whole, placeOf: (index) => index }
  return {
    text: whole,
    placeOf(index) {
      let at = 0
      let folded = 0
      for (const character of text) {
        folded += foldCase(character).length
        if (folded > index) return at
        at += character.length
      }
      return at
    },
  }
}

function foldCase(text: string): string {
  return text.normalize('NFD').toLowerCase()
}

/** Cuts no character in half. */
function excerptOf(text: string, start: number, end: number): string {
  const isLow = (index: number): boolean => /[\udc00-\udfff]/.test(text[index] ?? '')
  const from = Math.max(0, start - around)
  const to = end + around
  return text.slice(isLow(from) ? from - 1 : from, isLow(to) ? to + 1 : to)
}

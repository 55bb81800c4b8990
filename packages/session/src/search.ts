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

/** Returns the parts whose text holds all of the words, in the order of the messages; case does not matter. */
export function search(
  views: Iterable<MessageView>,
  textOf: (part: Part) => string,
  query: string,
): SearchHit[] {
  const words = query
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return []
  const hits: SearchHit[] = []
  for (const { message, parts } of views) {
    for (const part of parts) {
      if (part.kind === 'raw') continue
      const text = part.kind === 'text' || part.kind === 'reasoning' ? textOf(part) : (part.name ?? '')
      const folded = text.toLocaleLowerCase()
      if (!words.every((word) => folded.includes(word))) continue
      const [word = ''] = words
      const index = folded.indexOf(word)
      hits.push({
        message,
        part,
        index,
        excerpt: text.slice(Math.max(0, index - around), index + word.length + around),
      })
    }
  }
  return hits
}

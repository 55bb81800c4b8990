import { useEffect } from 'react'
import { matchesIn } from './matches.ts'

const name = 'search'

/**
 * Highlights words in the texts that `selector` finds, as of `version`. Nothing is added to the page: Markdown stays what it
 * is. A browser that cannot shows the texts as they are.
 */
export function useHighlights(selector: string, words: readonly string[], version: unknown): void {
  const query = words.join(' ')
  useEffect(() => {
    if (query === '' || typeof Highlight === 'undefined') return
    const ranges = [...document.querySelectorAll(selector)].flatMap((element) =>
      rangesIn(element, query.split(' ')),
    )
    CSS.highlights.set(name, new Highlight(...ranges))
    return () => void CSS.highlights.delete(name)
  }, [selector, query, version])
}

function rangesIn(element: Element, words: readonly string[]): readonly Range[] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const ranges: Range[] = []
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    for (const [from, to] of matchesIn(node.textContent ?? '', words)) {
      const range = new Range()
      range.setStart(node, from)
      range.setEnd(node, to)
      ranges.push(range)
    }
  }
  return ranges
}

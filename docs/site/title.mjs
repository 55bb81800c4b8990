/** Returns the first heading of a document, and its first paragraph as one line without markup. */
export function titleAndSummary(text) {
  const body = text.replace(/^---\n[\s\S]*?\n---\n/, '')
  const title = /^# (.+)$/m.exec(body)?.[1] ?? ''
  const paragraph = body
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .find((block) => /^[\p{L}`*_[]/u.test(block))
  const summary = (paragraph ?? '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`]/g, '')
    .replace(/\s+/g, ' ')
  return { title: title.replace(/[`*]/g, ''), summary }
}

/**
 * Returns the version of a row: a short text that is the same wherever the row is the same JSON, whatever the order of its fields.
 *
 * It follows from the row alone, as a schema returned it, so every reader knows it: also from a snapshot, a store or a page that a
 * server rendered, which keep neither offsets nor transaction ids. A row that was changed and changed back has its version again.
 * For `keyValue` it is that of the value. It is not collision-resistant: an attacker can find two rows with the same version.
 *
 * Throws a `TypeError` for what JSON cannot hold, as `JSON.stringify` does.
 *
 * @example
 * ```ts
 * rowVersion({ id: '1', text: 'Hello' }) === rowVersion({ text: 'Hello', id: '1' }) // true
 * ```
 */
export function rowVersion(row: unknown): string {
  const text = JSON.stringify(row, inOrder) ?? ''
  return `${hash(text, 0)}${hash(text, 0x9e3779b9)}`
}

/** Puts the fields of objects in order, as JSON.stringify comes by them. */
function inOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  // Entries, not assignments: `__proto__` is a name like any other (SPEC P5).
  return Object.fromEntries(entries)
}

/** 53 bits of a text (cyrb53), as a fixed number of characters. */
function hash(text: string, seed: number): string {
  let a = 0xdeadbeef ^ seed
  let b = 0x41c6ce57 ^ seed
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36).padStart(11, '0')
}

/**
 * Returns a number that tells JSON values apart, so that a response can be recognised when it is read again.
 *
 * Others wrote the value: nothing here is recursive, and a part of a very large one is enough.
 */
export function fingerprint(value: unknown): number {
  const pending: unknown[] = [value]
  let hash = 0x811c9dc5
  for (let seen = 0; pending.length > 0 && seen < 10_000; seen++) {
    const next = pending.pop()
    if (typeof next !== 'object' || next === null) {
      hash = add(hash, typeof next === 'string' ? `"${next}` : String(next))
      continue
    }
    hash = add(hash, Array.isArray(next) ? '[' : '{')
    for (const [name, child] of Object.entries(next)) {
      hash = add(hash, name)
      pending.push(child)
    }
  }
  return hash
}

/** FNV-1a, of a text's beginning. */
function add(hash: number, text: string): number {
  let next = Math.imul(hash ^ text.length, 0x01000193)
  for (let index = 0; index < text.length && index < 256; index++) {
    next = Math.imul(next ^ text.charCodeAt(index), 0x01000193)
  }
  return next >>> 0
}

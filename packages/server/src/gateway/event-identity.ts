/**
 * Returns a text that identifies an event within its transaction: a repeated event has the same text, independent of its stamps
 * and of the server's JSON format.
 */
export function identityOf(event: {
  readonly type: string
  readonly key: string
  readonly value?: unknown
  readonly headers: { readonly operation: string }
}): string {
  const { type, key, value, headers } = event
  return hash(canonical([type, key, headers.operation, value]))
}

/** JSON text with the members of its objects in order. */
function canonical(value: unknown): string {
  const json = JSON.stringify(value, (_name, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  })
  return json
}

/** 64 bits of a text, by two hashes of FNV-1a with another beginning each. */
function hash(text: string): string {
  let first = 0x811c9dc5
  let second = 0x1b873593
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    first = Math.imul(first ^ unit, 0x01000193)
    second = Math.imul(second ^ (unit + 0x9e37), 0x85ebca6b)
  }
  return (first >>> 0).toString(36) + (second >>> 0).toString(36)
}

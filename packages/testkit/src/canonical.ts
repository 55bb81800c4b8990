/**
 * Writes a state as its canonical JSON text: `{type: {key: value}}`, the keys of every object sorted by code point, no spaces.
 *
 * The text is built from entries and never from an object, so that a key like `__proto__` is written as any other.
 */
export function canonical(state: ReadonlyMap<string, ReadonlyMap<string, unknown>>): string {
  return object(
    [...state].map(([type, rows]) => [type, object([...rows].map(([key, row]) => [key, json(row)]))]),
  )
}

function json(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(json).join(',')}]`
  if (typeof value === 'object' && value !== null) return object(fieldsOf(value))
  // A field that is `undefined` was left out by fieldsOf; JSON has no other place for it but an array, as `null`.
  return JSON.stringify(value) ?? 'null'
}

function fieldsOf(value: object): [string, string][] {
  const fields: [string, string][] = []
  for (const [name, field] of Object.entries(value)) if (field !== undefined) fields.push([name, json(field)])
  return fields
}

function object(fields: [name: string, text: string][]): string {
  fields.sort(([left], [right]) => byCodePoint(left, right))
  return `{${fields.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

/** Compares by code point: the default order is by UTF-16 unit, and puts U+1F600 before U+FFFD. */
function byCodePoint(left: string, right: string): number {
  for (let index = 0; index < left.length && index < right.length; index++) {
    if (left[index] === right[index]) continue
    // At the first unit that differs both are inside a pair or at its start, so this compares whole code points or their second halves.
    return (left.codePointAt(index) ?? 0) - (right.codePointAt(index) ?? 0)
  }
  return left.length - right.length
}

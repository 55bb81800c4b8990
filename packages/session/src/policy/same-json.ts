/** Whether two values are the same JSON: whatever the order of their fields; a field that is undefined is none. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((each, index) => sameJson(each, b[index]))
    )
  }
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every((name) => sameJson(fieldOf(a, name), fieldOf(b, name)))
}

/** Whether two rows are the same but for the fields that are named. */
export function sameExcept(a: object, b: object, except: readonly string[]): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every((name) => except.includes(name) || sameJson(fieldOf(a, name), fieldOf(b, name)))
}

/** Returns a row's own field: of a name that objects inherit, only what the row says. */
export function fieldOf(row: object, name: string): unknown {
  return Object.hasOwn(row, name) ? (Reflect.get(row, name) as unknown) : undefined
}

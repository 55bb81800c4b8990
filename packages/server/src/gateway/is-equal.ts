/** Whether two values that schemas return are the same: JSON by its members, anything else (a `Date`) by its JSON. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  const prototype: unknown = Object.getPrototypeOf(a)
  if (prototype !== Object.getPrototypeOf(b)) return false
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(a)) {
    return JSON.stringify(a) === JSON.stringify(b)
  }
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  const left = a as Readonly<Record<string, unknown>> // an object, as just checked
  const right = b as Readonly<Record<string, unknown>> // as above
  return names.every((name) => Object.hasOwn(right, name) && isEqual(left[name], right[name]))
}

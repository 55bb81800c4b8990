/** How deep values are looked into; what lies deeper is left as it is. */
const maxDepth = 100

/**
 * Returns a value with 0 in place of every -0 in its plain objects and arrays; the same value where there is none.
 *
 * JSON writes -0 as 0: the row would be shown as -0 until it comes back as 0 (F-real-72).
 */
export function withoutNegativeZero<Value>(value: Value, depth = 0): Value {
  if (typeof value === 'number') return (Object.is(value, -0) ? 0 : value) as Value // a number either way
  if (typeof value !== 'object' || value === null || depth > maxDepth) return value
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return value
  let copy: object | undefined
  for (const [name, part] of Object.entries(value)) {
    const clean: unknown = withoutNegativeZero(part, depth + 1)
    if (Object.is(clean, part)) continue
    copy ??= Array.isArray(value) ? [...(value as unknown[])] : { ...value }
    Reflect.set(copy, name, clean)
  }
  return (copy ?? value) as Value // of the same shape
}

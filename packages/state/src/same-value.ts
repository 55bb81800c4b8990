/**
 * Tells whether two values of rows are the same: what the log holds, or what a schema returned.
 *
 * - Objects by their fields, in whatever order. A field that is `undefined` is no field, as in JSON.
 * - Numbers by their value: 0 and -0 are the same, and NaN is the same as itself.
 * - Arrays, maps and sets by what they hold, in order.
 * - Instances of one class by their JSON where it has `toJSON` (`Date`, `URL`, `Temporal`), otherwise by their fields; one
 *   without any field, such as a `RegExp`, is the same as itself alone.
 *
 * Recursive, for values without cycles. The depth of events is bounded by `eventLimits`.
 */
export function isSameValue(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && isSameList(a, b)
  if (isPlain(a) && isPlain(b)) return hasSameFields(a, b)
  return Object.getPrototypeOf(a) === Object.getPrototypeOf(b) && isSameInstance(a, b)
}

/** Returns a field of an object's own, never what every object inherits under that name (SPEC P5). */
function ownField(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (Reflect.get(object, name) as unknown) : undefined
}

function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => isSameValue(item, b[index]))
}

function hasSameFields(a: object, b: object): boolean {
  return (
    Object.keys(a).every((name) => isSameValue(ownField(a, name), ownField(b, name))) &&
    Object.keys(b).every((name) => Object.hasOwn(a, name) || ownField(b, name) === undefined)
  )
}

function isSameInstance(a: object, b: object): boolean {
  if (a instanceof Map && b instanceof Map) return isSameList([...a], [...b])
  if (a instanceof Set && b instanceof Set) return isSameList([...a], [...b])
  const { toJSON } = a as { readonly toJSON?: unknown } // what a class may have
  if (typeof toJSON === 'function') return JSON.stringify(a) === JSON.stringify(b)
  return Object.keys(a).length > 0 && hasSameFields(a, b)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

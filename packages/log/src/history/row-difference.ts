import type { RowDifference, RowMove } from './types.ts'

/** Returns how a row differs; nothing where its values are equal. */
export function rowDifference({ type, key, before, after }: RowMove): RowDifference | undefined {
  if (before === undefined) return after && { type, key, change: 'inserted', after: after.value }
  if (after === undefined) return { type, key, change: 'deleted', before: before.value }
  if (isEqual(before.value, after.value)) return undefined
  const fields = differingFields(before.value, after.value)
  return { type, key, change: 'updated', before: before.value, after: after.value, ...(fields && { fields }) }
}

/** Returns the fields in which two objects differ; nothing where one of them is none. */
export function differingFields(before: unknown, after: unknown): readonly string[] | undefined {
  if (!isObject(before) || !isObject(after)) return undefined
  const names = new Set([...Object.keys(after), ...Object.keys(before)])
  return [...names].filter(
    (name) =>
      Object.hasOwn(before, name) !== Object.hasOwn(after, name) || !isEqual(before[name], after[name]),
  )
}

/** Tells whether two values are the same JSON, in whatever order their fields are. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>] // objects, as just checked
  const names = Object.keys(left)
  if (names.length !== Object.keys(right).length) return false
  return names.every((name) => Object.hasOwn(right, name) && isEqual(left[name], right[name]))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where a field lies in a row: `['address', 'street']`. */
export type FieldPath = readonly string[]

/** Returns the field of a row, as TanStack's own evaluation reads it. */
export function readField(row: object, path: FieldPath): unknown {
  // A row is an object. By its name: where all rows have one shape, that costs a tenth of Reflect.get.
  if (path.length === 1) return (row as Readonly<Record<string, unknown>>)[path[0] ?? '']
  let value: unknown = row
  for (const name of path) {
    if (value === null || value === undefined) return value
    // A boxed primitive has the same fields.
    value = Reflect.get(Object(value) as object, name)
  }
  return value
}

/** A value that equals another one by `Object.is` where TanStack's `eq` says that they are equal. */
export type Comparable = string | number | bigint | boolean

/**
 * Returns what stands for a value in a Map of values; `undefined` for what is equal to nothing (null), or by rules of
 * TanStack's own (binary data, Temporal): the predicate itself decides about these.
 */
export function toComparable(value: unknown): Comparable | undefined {
  // Most are.
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value instanceof Date) return toComparable(value.getTime())
  const isPlain =
    typeof value === 'bigint' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && !Number.isNaN(value))
  return isPlain ? value : undefined
}

/** Returns one text for a path, whatever its names are. */
export function pathText(path: FieldPath): string {
  return path.length === 1 ? (path[0] ?? '') : JSON.stringify(path)
}

import type { Rows } from './rows-reader.ts'

/** A field that differs; `before` or `after` is absent where the field is. */
export interface FieldChange {
  /** The names that lead to it. */
  readonly path: readonly string[]
  readonly before?: unknown
  readonly after?: unknown
}

/** A row that differs. */
export interface RowChange {
  readonly type: string
  readonly key: string
  readonly change: 'insert' | 'update' | 'delete'
  readonly before?: unknown
  readonly after?: unknown
  /** Of an update: what differs in the row. */
  readonly fields?: readonly FieldChange[] | undefined
}

/** Returns the rows that differ, with those that are gone last within each type. */
export function diffRows(before: Rows, after: Rows): RowChange[] {
  const changes: RowChange[] = []
  for (const type of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(type) ?? new Map<string, unknown>()
    const now = after.get(type) ?? new Map<string, unknown>()
    for (const [key, row] of now) {
      if (!old.has(key)) changes.push({ type, key, change: 'insert', after: row })
      else {
        const fields = diffFields(old.get(key), row)
        if (fields.length > 0)
          changes.push({ type, key, change: 'update', before: old.get(key), after: row, fields })
      }
    }
    for (const [key, row] of old)
      if (!now.has(key)) changes.push({ type, key, change: 'delete', before: row })
  }
  return changes
}

/** Returns the fields that differ between two values: within objects by their names, elsewhere whole. */
export function diffFields(before: unknown, after: unknown, path: readonly string[] = []): FieldChange[] {
  if (Object.is(before, after)) return []
  if (!isRecord(before) || !isRecord(after)) return isSame(before, after) ? [] : [{ path, before, after }]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const inner = [...path, name]
    if (!Object.hasOwn(before, name)) return [{ path: inner, after: after[name] }]
    if (!Object.hasOwn(after, name)) return [{ path: inner, before: before[name] }]
    return diffFields(before[name], after[name], inner)
  })
}

function isSame(before: unknown, after: unknown): boolean {
  if (Object.is(before, after)) return true
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.length === after.length && before.every((item, index) => isSame(item, after[index]))
  }
  return isRecord(before) && isRecord(after) && diffFields(before, after).length === 0
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

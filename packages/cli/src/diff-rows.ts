import type { RowDifference } from '@streamdb/log'
import { isSameValue } from '@streamdb/state'

/** A field that differs; `before` or `after` is absent where the field is. */
export interface FieldChange {
  /** The names that lead to it. */
  readonly path: readonly string[]
  readonly before?: unknown
  readonly after?: unknown
}

/** A row that differs, with what differs in it, however deep that lies. */
export interface RowChange extends Omit<RowDifference, 'fields'> {
  /** Of an update. */
  readonly fields?: readonly FieldChange[] | undefined
}

/** Says of a row that differs which fields do. */
export function withFields(difference: RowDifference): RowChange {
  const { fields: _, ...row } = difference
  return row.change === 'updated' ? { ...row, fields: diffFields(row.before, row.after) } : row
}

/** Returns the fields that differ between two values: within objects by their names, elsewhere whole. */
export function diffFields(before: unknown, after: unknown, path: readonly string[] = []): FieldChange[] {
  if (!isRecord(before) || !isRecord(after))
    return isSameValue(before, after) ? [] : [{ path, before, after }]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const inner = [...path, name]
    if (!Object.hasOwn(before, name)) return [{ path: inner, after: after[name] }]
    if (!Object.hasOwn(after, name)) return [{ path: inner, before: before[name] }]
    return diffFields(before[name], after[name], inner)
  })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

import { isSameValue } from '@streamdb/state'
import type { RowDifference, RowMove } from './types.ts'

/** Returns how a row differs; nothing where its values are equal. */
export function rowDifference({ type, key, before, after }: RowMove): RowDifference | undefined {
  if (before === undefined) return after && { type, key, change: 'inserted', after: after.value }
  if (after === undefined) return { type, key, change: 'deleted', before: before.value }
  if (isSameValue(before.value, after.value)) return undefined
  const fields = differingFields(before.value, after.value)
  return { type, key, change: 'updated', before: before.value, after: after.value, ...(fields && { fields }) }
}

/** Returns the fields in which two objects differ; nothing where one of them is none. */
export function differingFields(before: unknown, after: unknown): readonly string[] | undefined {
  if (!isObject(before) || !isObject(after)) return undefined
  const names = new Set([...Object.keys(after), ...Object.keys(before)])
  return [...names].filter((name) => !isSameValue(ownField(before, name), ownField(after, name)))
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function ownField(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

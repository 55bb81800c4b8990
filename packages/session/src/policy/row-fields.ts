import { isSameValue } from '@streamdb/state'

/** Whether two rows are the same but for the fields that are named. */
export function sameExcept(a: object, b: object, except: readonly string[]): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...names].every((name) => except.includes(name) || isSameValue(fieldOf(a, name), fieldOf(b, name)))
}

/** Returns a row's own field: of a name that objects inherit, only what the row says. */
export function fieldOf(row: object, name: string): unknown {
  return Object.hasOwn(row, name) ? (Reflect.get(row, name) as unknown) : undefined
}

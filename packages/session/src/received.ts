/** Names what was received in place of what was expected, for a message: its shape, not what it holds. */
export function received(value: unknown): string {
  if (value instanceof Promise) return 'a promise'
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  return `an object with ${Object.keys(value).slice(0, 8).join(', ') || 'no fields'}`
}

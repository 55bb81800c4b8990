import { isRecord } from './row.ts'

/** Formats a value for a message: short, and without ever throwing. */
export function formatValue(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (isRecord(value)) return 'an object'
  if (typeof value === 'function') return 'a function'
  return (typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value)).slice(0, 60)
}

/** Formats alternatives for a message: `"a", "b" or "c"`. */
export function formatChoices(choices: readonly unknown[]): string {
  const formatted = choices.map(formatValue)
  return [formatted.slice(0, -1).join(', '), ...formatted.slice(-1)]
    .filter((part) => part !== '')
    .join(' or ')
}

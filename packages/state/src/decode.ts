import type { StateEvent } from './events.ts'
import { show, StateIssue } from './issue.ts'
import type { IssueLaw } from './issue.ts'

/**
 * Narrows one item of a log to an event, once; returns the very same object, or the issue with it.
 *
 * Never throws. Unknown headers, fields and types pass through (DESIGN P3), and so do known headers with odd
 * values: a malformed timestamp is no reason to lose a row.
 *
 * @example
 * ```ts
 * const decoded = decodeStateEvent(JSON.parse(line))
 * if (decoded instanceof StateIssue) report(decoded.message)
 * else state.apply(decoded)
 * ```
 */
export function decodeStateEvent(input: unknown): StateEvent | StateIssue {
  if (!isRecord(input)) {
    const hint = Array.isArray(input)
      ? 'an event object (append the events of a transaction joined by commas, not as one array)'
      : 'an event object'
    return issue('P1', '', hint, input, input)
  }
  const headers = input['headers']
  if (!isRecord(headers)) return issue('P1', '/headers', 'an object', headers, input)

  const operation = headers['operation']
  const control = headers['control']
  if (operation !== undefined) {
    if (control !== undefined) {
      return issue('P1', '/headers/control', 'nothing beside an operation', control, input)
    }
    return decodeChange(input, operation)
  }
  if (control === 'reset' || control === 'snapshot-start' || control === 'snapshot-end') {
    // The checks above are what makes it an event.
    return input as unknown as StateEvent
  }
  return control === undefined
    ? issue('P1', '/headers', 'an operation or a control', 'neither', input)
    : issue('P1', '/headers/control', '"snapshot-start", "snapshot-end" or "reset"', control, input)
}

function decodeChange(input: Readonly<Record<string, unknown>>, operation: unknown): StateEvent | StateIssue {
  if (
    operation !== 'insert' &&
    operation !== 'update' &&
    operation !== 'delete' &&
    operation !== 'upsert'
  ) {
    const expected = '"insert", "update", "upsert" or "delete"'
    return issue('P1', '/headers/operation', expected, operation, input)
  }
  const type = input['type']
  if (typeof type !== 'string' || type === '') {
    return issue('P2', '/type', 'a non-empty string', type, input)
  }
  const key = input['key']
  if (typeof key !== 'string' || key === '') {
    return issue('P2', '/key', 'a non-empty string', key, input)
  }
  const value = input['value']
  if (operation !== 'delete' && (value === undefined || value === null)) {
    return issue('P2', '/value', `a value to ${operation}`, value, input)
  }
  // The checks above are what makes it an event.
  return input as unknown as StateEvent
}

function issue(law: IssueLaw, path: string, expected: string, received: unknown, event: unknown): StateIssue {
  return new StateIssue({ law, path, expected, received: received === 'neither' ? received : show(received), event })
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

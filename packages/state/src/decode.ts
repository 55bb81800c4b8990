import { controls, operations } from './events.ts'
import type { StateEvent } from './events.ts'
import { show, StateIssue } from './issue.ts'
import type { IssueLaw } from './issue.ts'
import { isName, isRecord } from './row.ts'

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
  const fault = faultOf(input)
  // What has no fault is an event.
  if (fault === undefined) return input as StateEvent
  const [law, path, expected, received] = fault
  return new StateIssue({ law, path, expected, received: show(received), event: input })
}

type Fault = readonly [law: IssueLaw, path: string, expected: string, received: unknown]

function faultOf(input: unknown): Fault | undefined {
  if (!isRecord(input)) return ['P1', '', 'an event object (join several by commas)', input]
  const { type, key, value, headers } = input
  // What is no object has neither.
  const { operation, control } = Object(headers) as Readonly<Record<string, unknown>>
  if (operation === undefined) {
    if (control === undefined) return ['P1', '/headers', 'an operation or a control', headers]
    return controls.includes(control)
      ? undefined
      : ['P1', '/headers/control', controls.map(show).join(' or '), control]
  }
  if (control !== undefined) return ['P1', '/headers/control', 'no control', control]
  if (!operations.includes(operation)) {
    return ['P1', '/headers/operation', operations.map(show).join(' or '), operation]
  }
  if (!isName(type)) return ['P2', '/type', 'a non-empty string', type]
  if (!isName(key)) return ['P2', '/key', 'a non-empty string', key]
  if (operation !== 'delete' && (value === undefined || value === null)) {
    return ['P2', '/value', 'a value', value]
  }
  return undefined
}

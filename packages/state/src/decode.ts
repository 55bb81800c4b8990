import { controls, operations } from './events.ts'
import type { StateEvent } from './events.ts'
import { formatChoices, formatValue } from './format-value.ts'
import { StateIssue } from './issue.ts'
import type { IssueCode } from './issue.ts'
import { eventLimits, exceededLimit } from './limits.ts'
import { isNonEmptyString, isRecord } from './row.ts'

/**
 * Narrows one item of a log to an event, once; returns the very same object, or the issue with it.
 *
 * Never throws. Unknown headers, fields and types pass through (SPEC P3), and so do known headers with odd
 * values: a malformed timestamp is no reason to lose a row. An event beyond `eventLimits` is an issue.
 *
 * @example
 * ```ts
 * const decoded = decodeStateEvent(JSON.parse(line))
 * if (decoded instanceof StateIssue) report(decoded.message)
 * else state.apply(decoded)
 * ```
 */
export function decodeStateEvent(input: unknown): StateEvent | StateIssue {
  const fault = findFault(input)
  // An item without a fault is an event.
  if (fault === undefined) return input as StateEvent
  const [code, path, expected, received] = fault
  return new StateIssue({ code, path, expected, received, event: input })
}

type Fault = readonly [code: IssueCode, path: string, expected: string, received: string]

function findFault(input: unknown): Fault | undefined {
  if (!isRecord(input)) {
    // A batch that was appended as one array is stored as one item.
    return notAnEvent('', 'an event object (append several events joined by commas, not as an array)', input)
  }
  const { type, key, value, headers } = input
  // A primitive has neither header.
  const { operation, control } = Object(headers) as Readonly<Record<string, unknown>>
  if (operation === undefined) {
    if (control === undefined) return notAnEvent('/headers', 'an operation or a control', headers)
    if (!controls.includes(control)) return notAnEvent('/headers/control', formatChoices(controls), control)
    return findExcess(input)
  }
  if (control !== undefined) return notAnEvent('/headers/control', 'no control beside an operation', control)
  if (!operations.includes(operation)) {
    return notAnEvent('/headers/operation', formatChoices(operations), operation)
  }
  if (!isNonEmptyString(type)) return missingPart('/type', 'a non-empty string', type)
  if (!isNonEmptyString(key)) return missingPart('/key', 'a non-empty string', key)
  if (value === undefined && operation !== 'delete') return missingPart('/value', 'a value', value)
  return findExcess(input)
}

function notAnEvent(path: string, expected: string, received: unknown): Fault {
  return ['not-an-event', path, expected, formatValue(received)]
}

function missingPart(path: string, expected: string, received: unknown): Fault {
  return ['missing-part', path, expected, formatValue(received)]
}

function findExcess(event: object): Fault | undefined {
  const exceeded = exceededLimit(event)
  if (exceeded === undefined) return undefined
  return exceeded === 'too-deep'
    ? ['too-deep', '', `at most ${eventLimits.depth} levels of nesting`, 'more']
    : ['too-large', '', `at most ${eventLimits.characters} characters`, 'more']
}

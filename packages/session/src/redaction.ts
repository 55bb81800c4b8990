import type { ChangeEvent } from '@streamdb/state'
import { SessionError } from './errors.ts'
import type { Part } from './rows.ts'

/** What is about to be written. */
export interface WrittenRow {
  readonly type: string
  readonly key: string
  readonly value: object
}

/**
 * Returns the value that is written in place of the one that is given: it is called for every row before it leaves the
 * process. For a text that streams it is called with the part and all of its text so far. It answers at once, with an object:
 * where it throws, or returns anything else, nothing is written.
 */
export type Redact = (row: WrittenRow) => object

/** Returns a row as it may be written. Throws what the hook throws, and `invalid-options` where it returns no row. */
export function redactRow<Row extends object>(
  redact: Redact | undefined,
  type: string,
  key: string,
  value: Row,
): Row {
  if (redact === undefined) return value
  const redacted: unknown = redact({ type, key, value })
  // The hook returns what stands for the row: the same fields.
  if (typeof redacted === 'object' && redacted !== null && !('then' in redacted)) return redacted as Row
  const received =
    typeof redacted !== 'object' || redacted === null ? String(redacted) : 'a promise: it cannot wait'
  throw new SessionError(
    'invalid-options',
    `redact: expected the row to write for ${type} "${key}", received ${received}. Nothing was written`,
  )
}

/** Returns a part's text as it may be written. */
export function redactText(redact: Redact | undefined, part: Part, text: string): string {
  return redact === undefined ? text : (redactRow(redact, 'part', part.id, { ...part, text }).text ?? '')
}

/** Returns events as they may be written. Deltas were redacted with their whole text. */
export function redactEvents(
  redact: Redact | undefined,
  events: readonly ChangeEvent[],
): readonly ChangeEvent[] {
  if (redact === undefined) return events
  return events.map((event) => {
    const { type, key, value } = event
    if (type === 'delta' || typeof value !== 'object' || value === null) return event
    return { ...event, value: redactRow(redact, type, key, value) }
  })
}

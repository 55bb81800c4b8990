import type { ChangeEvent } from '@streamdb/state'
import type { Part } from './rows.ts'

/** What is about to be written. */
export interface WrittenRow {
  readonly type: string
  readonly key: string
  readonly value: object
}

/**
 * Returns the value that is written in place of the one that is given: it is called for every row before it leaves the
 * process. For a text that streams it is called with the part and all of its text so far.
 */
export type Redact = (row: WrittenRow) => object

/** Returns a part's text as it may be written. */
export function redactText(redact: Redact | undefined, part: Part, text: string): string {
  if (redact === undefined) return text
  const { text: redacted } = redact({ type: 'part', key: part.id, value: { ...part, text } }) as Partial<Part> // a part, as it was given
  return redacted ?? ''
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
    return { ...event, value: redact({ type, key, value }) }
  })
}

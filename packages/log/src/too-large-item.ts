import { decodeStateEvent, eventLimits, StateIssue } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'

/**
 * How large an item may be, in characters of JSON: parsing one holds the event loop for as long as that takes. Room for
 * an event and for its old value, each as large as `eventLimits` allows.
 */
export const maxItemSize: number = 2 * eventLimits.characters

/**
 * How much of a live connection is kept before it adds up to a batch, in characters: one event of the largest size, or an
 * append of many. What is larger is read by page, where it comes in parts.
 */
export const maxLiveEvent: number = 2 * maxItemSize

/** Stands in the place of an item that was not parsed, as it is larger than a reader takes. */
export class TooLargeItem {
  /** In characters of JSON. */
  readonly size: number
  readonly limit: number

  constructor(size: number, limit: number) {
    this.size = size
    this.limit = limit
  }
}

/** Narrows one item of a batch to an event; returns the issue with it otherwise. Never throws. */
export function decodeItem(item: unknown): StateEvent | StateIssue {
  if (!(item instanceof TooLargeItem)) return decodeStateEvent(item)
  const { size, limit } = item
  return new StateIssue({
    code: 'too-large',
    path: '',
    expected: `at most ${limit} characters of JSON`,
    received: `${size}, which were not parsed`,
    event: undefined,
  })
}

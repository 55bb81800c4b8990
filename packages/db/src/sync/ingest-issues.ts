import { StateIssue } from '@streamdb/state'

/** A reset names an offset that cannot be gone to. */
export function offsetIssue(expected: string, offset: string, event: unknown): StateIssue {
  const received = JSON.stringify(offset.slice(0, 60))
  return new StateIssue({ code: 'unusable-offset', path: '/headers/offset', expected, received, event })
}

/** The exception that an event caused, as of a value that nothing was prepared for. */
export function thrownIssue(error: unknown, event: unknown): StateIssue {
  const expected = 'an event that can be ingested'
  return new StateIssue({ code: 'not-an-event', path: '', expected, received: String(error), event })
}

import { expect, test } from 'vitest'
import { decodeStateEvent, eventLimits, MaterializedState, StateIssue } from '../src/index.ts'
import { issueOf, put, remove, thrownBy } from './builders.ts'

/** Nests `depth` arrays or objects into each other. */
function nested(depth: number, kind: 'array' | 'object' = 'array'): unknown {
  const [open, close] = kind === 'array' ? ['[', ']'] : ['{"a":', '}']
  return JSON.parse(`${open.repeat(depth)}${kind === 'object' ? '1' : ''}${close.repeat(depth)}`)
}

// The event is the first level.
const deepest = eventLimits.depth - 1

test.each(['array', 'object'] as const)(
  '[F-real-57] %ss nested deeper than the limit are an issue',
  (kind) => {
    const event = put('1', nested(deepest, kind))
    expect(decodeStateEvent(event)).toBe(event)
    for (const depth of [deepest + 1, 1_500, 10_000, 100_000]) {
      const deep = put('1', nested(depth, kind))
      const issue = issueOf(deep)
      // A matcher would recurse into it.
      expect(issue.event === deep).toBe(true)
      expect([issue.code, issue.path, issue.message]).toEqual([
        'too-deep',
        '',
        `Invalid event: expected at most ${eventLimits.depth} levels of nesting but received more`,
      ])
    }
  },
)

test('[F-real-57] every part of an event is bounded: old values, headers, unknown fields, deletes, controls', () => {
  const deep = nested(10_000)
  for (const event of [
    { ...put('1', 1), old_value: deep },
    put('1', 1, { 'x-deep': deep }),
    { ...put('1', 1), unknown: deep },
    { ...remove('1'), value: deep },
    { headers: { control: 'reset', deep } },
  ]) {
    expect(issueOf(event).code).toBe('too-deep')
  }
})

test('[F-real-57] a value that holds itself is an issue', () => {
  const value: Record<string, unknown> = {}
  value['self'] = value
  expect(issueOf(put('1', value)).code).toBe('too-deep')
})

test('[F-real-73] an event of more text than the limit is an issue', () => {
  const half = 'x'.repeat(eventLimits.characters / 2)
  expect(decodeStateEvent(put('1', { half }))).not.toBeInstanceOf(StateIssue)
  for (const event of [
    put('1', { one: half, two: half }),
    put('1', `${half}${half}`),
    put(`${half}${half}`, 1),
    put('1', { [`${half}${half}`]: 1 }),
    put(
      '1',
      Array.from({ length: eventLimits.characters / 2 }, () => 0),
    ),
  ]) {
    expect(issueOf(event)).toMatchObject({ code: 'too-large', path: '' })
  }
})

test('[F-real-73] an old value is counted by itself, so that every row can be updated', () => {
  const text = 'x'.repeat(eventLimits.characters - 1_000)
  const event = { ...put('1', { text }, { operation: 'update' }), old_value: { text } }
  expect(decodeStateEvent(event) === event).toBe(true)
  expect(issueOf({ ...event, old_value: { text, more: text } }).code).toBe('too-large')
})

test('[F-real-57] a state refuses such an event, and the others of a decoded batch are applied', () => {
  const state = new MaterializedState()
  const batch: unknown[] = [put('1', 1), put('2', nested(10_000)), put('3', 3)]
  expect(thrownBy(() => state.applyBatch(batch as never))).toMatchObject({ code: 'invalid-event' })
  for (const item of batch) {
    const event = decodeStateEvent(item)
    if (!(event instanceof StateIssue)) state.apply(event)
  }
  expect([...state.getType('user').keys()]).toEqual(['1', '3'])
})

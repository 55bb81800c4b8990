import { garbage, logs } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeStateEvent,
  isChangeEvent,
  isControlEvent,
  MaterializedState,
  StateIssue,
} from '../src/index.ts'
import { deepFreeze, issueOf, put, remove, reset, rowsOf } from './builders.ts'

const value = { name: 'Ada' }

/** An insert with parts replaced; `undefined` leaves the part out. */
function insert(parts: Readonly<Record<string, unknown>>): unknown {
  return JSON.parse(JSON.stringify({ ...put('1', value), ...parts }))
}

type Row = readonly [
  what: string,
  input: unknown,
  code: 'not-an-event' | 'missing-part',
  path: string,
  received: string,
]

const noEvents: readonly Row[] = [
  ['a number', 42, 'not-an-event', '', '42'],
  ['a string', 'insert', 'not-an-event', '', '"insert"'],
  ['a boolean', true, 'not-an-event', '', 'true'],
  ['null', null, 'not-an-event', '', 'null'],
  ['an empty array', [], 'not-an-event', '', 'an array'],
  ['an array of events', [put('1', value)], 'not-an-event', '', 'an array'],
  ['{}', {}, 'not-an-event', '/headers', 'undefined'],
  ['no headers', insert({ headers: undefined }), 'not-an-event', '/headers', 'undefined'],
  ['headers: null', insert({ headers: null }), 'not-an-event', '/headers', 'null'],
  ['headers: a string', insert({ headers: 'insert' }), 'not-an-event', '/headers', '"insert"'],
  ['headers: an array', insert({ headers: ['insert'] }), 'not-an-event', '/headers', 'an array'],
  ['headers: a number', insert({ headers: 7 }), 'not-an-event', '/headers', '7'],
  ['headers: {}', insert({ headers: {} }), 'not-an-event', '/headers', 'an object'],
]

test.each(noEvents)('[F-event-1] %s is an issue', (_what, input, code, path, received) => {
  expect(issueOf(input)).toMatchObject({ code, path, received, event: input })
})

const unknownWords: readonly Row[] = [
  [
    'operation "replace"',
    insert({ headers: { operation: 'replace' } }),
    'not-an-event',
    '/headers/operation',
    '"replace"',
  ],
  [
    'operation "INSERT"',
    insert({ headers: { operation: 'INSERT' } }),
    'not-an-event',
    '/headers/operation',
    '"INSERT"',
  ],
  ['operation ""', insert({ headers: { operation: '' } }), 'not-an-event', '/headers/operation', '""'],
  ['operation null', insert({ headers: { operation: null } }), 'not-an-event', '/headers/operation', 'null'],
  [
    'operation ["insert"]',
    insert({ headers: { operation: ['insert'] } }),
    'not-an-event',
    '/headers/operation',
    'an array',
  ],
  [
    'operation "constructor"',
    insert({ headers: { operation: 'constructor' } }),
    'not-an-event',
    '/headers/operation',
    '"constructor"',
  ],
  ['control "RESET"', { headers: { control: 'RESET' } }, 'not-an-event', '/headers/control', '"RESET"'],
  ['control null', { headers: { control: null } }, 'not-an-event', '/headers/control', 'null'],
  ['control {}', { headers: { control: {} } }, 'not-an-event', '/headers/control', 'an object'],
  [
    'both',
    insert({ headers: { operation: 'insert', control: 'reset' } }),
    'not-an-event',
    '/headers/control',
    '"reset"',
  ],
  [
    'an operation and control null',
    insert({ headers: { operation: 'insert', control: null } }),
    'not-an-event',
    '/headers/control',
    'null',
  ],
  [
    'operation null and a control',
    { headers: { operation: null, control: 'reset' } },
    'not-an-event',
    '/headers/control',
    '"reset"',
  ],
]

test.each(unknownWords)('[F-event-2] %s is an issue', (_what, input, code, path, received) => {
  expect(issueOf(input)).toMatchObject({ code, path, received, event: input })
})

const brokenParts: readonly Row[] = [
  ['type missing', insert({ type: undefined }), 'missing-part', '/type', 'undefined'],
  ['type empty', insert({ type: '' }), 'missing-part', '/type', '""'],
  ['type 7', insert({ type: 7 }), 'missing-part', '/type', '7'],
  ['key missing', insert({ key: undefined }), 'missing-part', '/key', 'undefined'],
  ['key a number', insert({ key: 7 }), 'missing-part', '/key', '7'],
  ['key null', insert({ key: null }), 'missing-part', '/key', 'null'],
  ['key an object', insert({ key: {} }), 'missing-part', '/key', 'an object'],
  ['key empty', insert({ key: '' }), 'missing-part', '/key', '""'],
  [
    'the key of a delete missing',
    { type: 'user', headers: { operation: 'delete' } },
    'missing-part',
    '/key',
    'undefined',
  ],
  ...(['insert', 'update', 'upsert'] as const).flatMap((operation): Row[] => [
    [
      `no value to ${operation}`,
      insert({ value: undefined, headers: { operation } }),
      'missing-part',
      '/value',
      'undefined',
    ],
  ]),
]

test.each(brokenParts)('[F-event-3] %s is an issue', (_what, input, code, path, received) => {
  expect(issueOf(input)).toMatchObject({ code, path, received, event: input })
})

test('[F-event-3] no bad key becomes a row called "undefined", "null" or "7"', () => {
  const state = new MaterializedState()
  for (const [, input] of [...noEvents, ...unknownWords, ...brokenParts]) {
    const decoded = decodeStateEvent(input)
    if (!(decoded instanceof StateIssue)) state.apply(decoded)
  }
  expect(rowsOf(state)).toEqual(new Map())
})

test.each([
  [
    insert({ headers: { operation: 'upset' } }),
    'Invalid event at /headers/operation: expected "insert", "update", "upsert" or "delete" but received "upset"',
  ],
  [
    { headers: { control: 'x' } },
    'Invalid event at /headers/control: expected "snapshot-start", "snapshot-end" or "reset" but received "x"',
  ],
  [insert({ key: 7 }), 'Invalid event at /key: expected a non-empty string but received 7'],
  [
    [put('1', value)],
    'Invalid event: expected an event object (append several events joined by commas, not as an array) but received an array',
  ],
])('a message says where, what was expected and what received: %#', (input, message) => {
  expect(issueOf(input).message).toBe(message)
})

test('a message is short, whatever came', () => {
  expect(issueOf('x'.repeat(1_000_000)).message.length).toBeLessThan(200)
  expect(issueOf(insert({ type: '', key: 'x'.repeat(1_000_000) })).message.length).toBeLessThan(200)
})

test.each(['insert', 'update', 'upsert'] as const)('[P1] %s with a value is an event', (operation) => {
  for (const kept of [value, {}, [], [null], 'dark', '', 0, 42, false, true, null]) {
    const event = put('1', kept, { operation })
    expect(decodeStateEvent(event)).toBe(event)
  }
})

test('[P2] a delete needs no value, and may have any', () => {
  for (const event of [
    remove('1'),
    { ...remove('1'), value: null },
    { ...remove('1'), value, old_value: value },
  ]) {
    expect(decodeStateEvent(event)).toBe(event)
  }
})

test('[P1] a control is an event, with and without an offset', () => {
  for (const control of ['snapshot-start', 'snapshot-end', 'reset']) {
    for (const event of [{ headers: { control } }, { headers: { control, offset: '0_1' } }]) {
      expect(decodeStateEvent(event)).toBe(event)
    }
  }
})

test('[P3] unknown headers and fields, and known headers with odd values, pass through untouched', () => {
  for (const headers of [
    { 'x-unknown': { deep: [1] } },
    { txid: 7, timestamp: 'yesterday', from: null, offset: [] },
  ]) {
    const event = { ...put('1', value), headers: { operation: 'insert', ...headers }, meta: { a: 1 } }
    expect(decodeStateEvent(deepFreeze(event))).toBe(event)
  }
})

test('[P5] fields under __proto__ are not part of an event', () => {
  for (const text of [
    '{"__proto__":{"type":"user","key":"1","value":1,"headers":{"operation":"insert"}}}',
    '{"type":"user","key":"1","value":1,"headers":{"__proto__":{"operation":"insert"}}}',
  ]) {
    expect(issueOf(JSON.parse(text))).toMatchObject({ code: 'not-an-event', path: '/headers' })
  }
  expect(
    issueOf(JSON.parse('{"type":"user","__proto__":{"key":"1"},"headers":{"operation":"delete"}}')).path,
  ).toBe('/key')
})

test('an event is a change or a control, and the guards agree with the decoder', () => {
  fc.assert(
    fc.property(logs(), (log) => {
      for (const event of log) {
        expect(decodeStateEvent(event)).toBe(event)
        expect(isControlEvent(event)).toBe(!isChangeEvent(event))
        expect(isChangeEvent(event)).toBe('key' in event)
      }
    }),
  )
  expect(isControlEvent(reset)).toBe(true)
})

test('[F-event-1] the decoder never throws, and tells every kind of garbage', () => {
  fc.assert(
    fc.property(garbage(), (input) => {
      const issue = issueOf(deepFreeze(input))
      expect(issue.event).toBe(input)
      expect(issue.message).toContain(issue.expected)
    }),
  )
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }),
      (input) => void decodeStateEvent(input),
    ),
  )
})

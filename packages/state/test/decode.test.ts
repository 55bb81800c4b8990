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

type Row = readonly [what: string, input: unknown, law: 'P1' | 'P2', path: string, received: string]

const noEvents: readonly Row[] = [
  ['a number', 42, 'P1', '', '42'],
  ['a string', 'insert', 'P1', '', '"insert"'],
  ['a boolean', true, 'P1', '', 'true'],
  ['null', null, 'P1', '', 'null'],
  ['an empty array', [], 'P1', '', 'an array'],
  ['an array of events', [put('1', value)], 'P1', '', 'an array'],
  ['{}', {}, 'P1', '/headers', 'undefined'],
  ['no headers', insert({ headers: undefined }), 'P1', '/headers', 'undefined'],
  ['headers: null', insert({ headers: null }), 'P1', '/headers', 'null'],
  ['headers: a string', insert({ headers: 'insert' }), 'P1', '/headers', '"insert"'],
  ['headers: an array', insert({ headers: ['insert'] }), 'P1', '/headers', 'an array'],
  ['headers: a number', insert({ headers: 7 }), 'P1', '/headers', '7'],
  ['headers: {}', insert({ headers: {} }), 'P1', '/headers', 'an object'],
]

test.each(noEvents)('[F-event-1] %s is an issue', (_what, input, law, path, received) => {
  expect(issueOf(input)).toMatchObject({ law, path, received, event: input })
})

const unknownWords: readonly Row[] = [
  [
    'operation "replace"',
    insert({ headers: { operation: 'replace' } }),
    'P1',
    '/headers/operation',
    '"replace"',
  ],
  [
    'operation "INSERT"',
    insert({ headers: { operation: 'INSERT' } }),
    'P1',
    '/headers/operation',
    '"INSERT"',
  ],
  ['operation ""', insert({ headers: { operation: '' } }), 'P1', '/headers/operation', '""'],
  ['operation null', insert({ headers: { operation: null } }), 'P1', '/headers/operation', 'null'],
  [
    'operation ["insert"]',
    insert({ headers: { operation: ['insert'] } }),
    'P1',
    '/headers/operation',
    'an array',
  ],
  [
    'operation "constructor"',
    insert({ headers: { operation: 'constructor' } }),
    'P1',
    '/headers/operation',
    '"constructor"',
  ],
  ['control "RESET"', { headers: { control: 'RESET' } }, 'P1', '/headers/control', '"RESET"'],
  ['control null', { headers: { control: null } }, 'P1', '/headers/control', 'null'],
  ['control {}', { headers: { control: {} } }, 'P1', '/headers/control', 'an object'],
  [
    'both',
    insert({ headers: { operation: 'insert', control: 'reset' } }),
    'P1',
    '/headers/control',
    '"reset"',
  ],
  [
    'an operation and control null',
    insert({ headers: { operation: 'insert', control: null } }),
    'P1',
    '/headers/control',
    'null',
  ],
  [
    'operation null and a control',
    { headers: { operation: null, control: 'reset' } },
    'P1',
    '/headers/control',
    '"reset"',
  ],
]

test.each(unknownWords)('[F-event-2] %s is an issue', (_what, input, law, path, received) => {
  expect(issueOf(input)).toMatchObject({ law, path, received, event: input })
})

const brokenParts: readonly Row[] = [
  ['type missing', insert({ type: undefined }), 'P2', '/type', 'undefined'],
  ['type empty', insert({ type: '' }), 'P2', '/type', '""'],
  ['type 7', insert({ type: 7 }), 'P2', '/type', '7'],
  ['key missing', insert({ key: undefined }), 'P2', '/key', 'undefined'],
  ['key a number', insert({ key: 7 }), 'P2', '/key', '7'],
  ['key null', insert({ key: null }), 'P2', '/key', 'null'],
  ['key an object', insert({ key: {} }), 'P2', '/key', 'an object'],
  ['key empty', insert({ key: '' }), 'P2', '/key', '""'],
  [
    'the key of a delete missing',
    { type: 'user', headers: { operation: 'delete' } },
    'P2',
    '/key',
    'undefined',
  ],
  ...(['insert', 'update', 'upsert'] as const).flatMap((operation): Row[] => [
    [
      `no value to ${operation}`,
      insert({ value: undefined, headers: { operation } }),
      'P2',
      '/value',
      'undefined',
    ],
    [`null to ${operation}`, insert({ value: null, headers: { operation } }), 'P2', '/value', 'null'],
  ]),
]

test.each(brokenParts)('[F-event-3] %s is an issue', (_what, input, law, path, received) => {
  expect(issueOf(input)).toMatchObject({ law, path, received, event: input })
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
    'Invalid event at /headers/operation: expected "insert" or "update" or "upsert" or "delete" but received "upset"',
  ],
  [
    { headers: { control: 'x' } },
    'Invalid event at /headers/control: expected "snapshot-start" or "snapshot-end" or "reset" but received "x"',
  ],
  [insert({ key: 7 }), 'Invalid event at /key: expected a non-empty string but received 7'],
  [
    [put('1', value)],
    'Invalid event: expected an event object (join several by commas) but received an array',
  ],
])('a message says where, what was expected and what received: %#', (input, message) => {
  expect(issueOf(input).message).toBe(message)
})

test('a message is short, whatever came', () => {
  expect(issueOf('x'.repeat(1_000_000)).message.length).toBeLessThan(200)
  expect(issueOf(insert({ type: '', key: 'x'.repeat(1_000_000) })).message.length).toBeLessThan(200)
})

test.each(['insert', 'update', 'upsert'] as const)('[P1] %s with a value is an event', (operation) => {
  for (const kept of [value, {}, [], [null], 'dark', '', 0, 42, false, true]) {
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

test('[P5] what lies under __proto__ is no part of an event', () => {
  for (const text of [
    '{"__proto__":{"type":"user","key":"1","value":1,"headers":{"operation":"insert"}}}',
    '{"type":"user","key":"1","value":1,"headers":{"__proto__":{"operation":"insert"}}}',
  ]) {
    expect(issueOf(JSON.parse(text))).toMatchObject({ law: 'P1', path: '/headers' })
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

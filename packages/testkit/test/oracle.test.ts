import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ChangeEvent, StateEvent } from '@streamdb/state'
import { expect, test } from 'vitest'
import { canonical, oracle, sharedData } from '../src/index.ts'

const reset: StateEvent = { headers: { control: 'reset' } }
const start: StateEvent = { headers: { control: 'snapshot-start' } }
const end: StateEvent = { headers: { control: 'snapshot-end' } }

function set(key: string, value: unknown, operation: 'insert' | 'update' | 'upsert' = 'insert'): ChangeEvent {
  return { type: 'user', key, value, headers: { operation } }
}

function remove(key: string): ChangeEvent {
  return { type: 'user', key, headers: { operation: 'delete' } }
}

test.each<[law: string, log: StateEvent[], expected: string]>([
  ['[M1] the last write of a key wins', [set('1', 'a'), set('1', 'b')], '{"user":{"1":"b"}}'],
  [
    '[M2] an update replaces the row',
    [set('1', { a: 1, b: 2 }), set('1', { a: 3 }, 'update')],
    '{"user":{"1":{"a":3}}}',
  ],
  ['[M2] an update of an absent key puts it', [set('1', 'a', 'update')], '{"user":{"1":"a"}}'],
  [
    '[M2] an upsert replaces the row',
    [set('1', { a: 1 }), set('1', { b: 1 }, 'upsert')],
    '{"user":{"1":{"b":1}}}',
  ],
  [
    '[M3] deleting an absent key does nothing',
    [remove('1'), set('2', 'a'), remove('1')],
    '{"user":{"2":"a"}}',
  ],
  ['a type without rows is absent', [set('1', 'a'), remove('1')], '{}'],
  ['[M4] a reset voids everything before it', [set('1', 'a'), reset, set('2', 'b')], '{"user":{"2":"b"}}'],
  [
    '[M4] a reset drops an open snapshot',
    [start, set('1', 'a'), reset, set('2', 'b'), end],
    '{"user":{"2":"b"}}',
  ],
  [
    '[M5] a snapshot replaces the state at its end',
    [set('1', 'a'), start, set('2', 'b'), end],
    '{"user":{"2":"b"}}',
  ],
  [
    '[M5] nothing of it is visible before its end',
    [set('1', 'a'), start, set('1', 'b'), set('2', 'b')],
    '{"user":{"1":"a"}}',
  ],
  [
    '[M5] a second start drops the open one',
    [start, set('1', 'a'), start, set('2', 'b'), end],
    '{"user":{"2":"b"}}',
  ],
  ['[M5] an empty snapshot empties the state', [set('1', 'a'), start, end], '{}'],
  ['[M5] a delete within a snapshot counts', [start, set('1', 'a'), remove('1'), end], '{}'],
  ['[M5] a stray end does nothing', [set('1', 'a'), end], '{"user":{"1":"a"}}'],
])('%s', (_law, log, expected) => {
  expect(canonical(oracle(log))).toBe(expected)
})

test('[P5] hostile names are ordinary types, keys and fields', () => {
  // JSON.parse makes `__proto__` a field of its own, as it comes off the wire.
  const value: unknown = JSON.parse('{"toString":1,"__proto__":{"a":1}}')
  const log: StateEvent[] = [{ type: '__proto__', key: '__proto__', value, headers: { operation: 'insert' } }]
  expect(canonical(oracle(log))).toBe('{"__proto__":{"__proto__":{"__proto__":{"a":1},"toString":1}}}')
  expect(Reflect.get({}, 'a')).toBeUndefined()
})

test('the canonical text sorts by code point at every depth', () => {
  const state = new Map([
    [
      't',
      new Map<string, unknown>([
        ['\u{1F600}', 1],
        ['\uFFFD', 2],
        ['b', { d: [{ z: 1, y: null }], c: 1 }],
        ['ab', 3],
        ['a', 4],
      ]),
    ],
  ])
  expect(canonical(state)).toBe(
    '{"t":{"a":4,"ab":3,"b":{"c":1,"d":[{"y":null,"z":1}]},"\uFFFD":2,"\u{1F600}":1}}',
  )
})

const history = sharedData('git-history.ndjson')
const expectation = sharedData('git-history.expected.json')

test.skipIf(history === undefined || expectation === undefined)(
  'materialises the recorded history to its known hash (needs ../shared/data/git-history.*)',
  () => {
    // Each line is an event by the README beside the file.
    const log = readFileSync(history ?? '', 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as StateEvent)
    const expected = readFileSync(expectation ?? '', 'utf8')
    const hash = createHash('sha256')
      .update(canonical(oracle(log)))
      .digest('hex')
    expect(expected).toContain(hash)
  },
)

test('absent data is undefined', () => {
  expect(sharedData('no-such-file.json')).toBeUndefined()
})

import { changeEvents, garbage, logs } from '@streamdb/testkit'
import Ajv2020 from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import schema from '../protocol.schema.json' with { type: 'json' }
import { decodeStateEvent, StateIssue } from '../src/index.ts'
import { end, put, remove, reset, start } from './builders.ts'

// `format` is an annotation in this draft; the decoder does not read the time either.
const accepts = new Ajv2020({ strict: true, allErrors: true, validateFormats: false }).compile(schema)

const decodes = (input: unknown): boolean => !(decodeStateEvent(input) instanceof StateIssue)

const parts = ['type', 'key', 'value', 'old_value', 'headers', 'unknown', '__proto__']
const headers = ['operation', 'control', 'txid', 'timestamp', 'from', 'offset', 'x-unknown', '__proto__']

/** Draws events with some parts or headers replaced, or left out: valid, and only just not. */
function nearlyEvents(): fc.Arbitrary<unknown> {
  const words = ['insert', 'update', 'upsert', 'delete', 'snapshot-start', 'snapshot-end', 'reset']
  const junk = fc.oneof(
    fc.constantFrom<unknown>(undefined, null, '', 'x', 0, 1, true, false, [], {}, ...words),
    fc.jsonValue({ maxDepth: 1 }),
  )
  const mutation = fc.oneof(
    fc.record({ part: fc.constantFrom(...parts), junk }),
    fc.record({ header: fc.constantFrom(...headers), junk }),
  )
  const event = fc.oneof(changeEvents(), fc.constantFrom(reset, start, end))
  return fc.tuple(event, fc.array(mutation, { maxLength: 3 })).map(([original, mutations]) => {
    let text: Record<string, unknown> = { ...original }
    for (const each of mutations) {
      if ('part' in each) text = { ...text, [each.part]: each.junk }
      else if (isObject(text['headers']))
        text = { ...text, headers: { ...text['headers'], [each.header]: each.junk } }
    }
    // As it comes off the wire: `undefined` is left out, and `__proto__` is a field of its own.
    return JSON.parse(JSON.stringify(text)) as unknown
  })
}

/** Leaves out the known headers whose values are odd, which the decoder lets pass (decode.ts). */
function withoutOddMetadata(input: unknown): unknown {
  if (!isObject(input) || !isObject(input['headers'])) return input
  const isOdd = ([name, value]: [string, unknown]): boolean =>
    ['txid', 'timestamp', 'from', 'offset'].includes(name) && (typeof value !== 'string' || value === '')
  return {
    ...input,
    headers: Object.fromEntries(Object.entries(input['headers']).filter((entry) => !isOdd(entry))),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const inputs = fc.oneof(
  { weight: 6, arbitrary: nearlyEvents() },
  { weight: 2, arbitrary: garbage() },
  { weight: 1, arbitrary: fc.jsonValue() },
)

test('every event that the schema accepts decodes', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      if (accepts(input)) expect(decodes(input)).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

test('whatever decodes the schema accepts, but for known headers with odd values', () => {
  fc.assert(
    fc.property(inputs, (input) => {
      if (decodes(input))
        expect(accepts(withoutOddMetadata(input)), JSON.stringify(accepts.errors)).toBe(true)
    }),
    { numRuns: 3_000 },
  )
})

test('the inputs above are of both kinds, near the border', () => {
  const sample = fc.sample(inputs, { numRuns: 2_000, seed: 1 })
  const accepted = sample.filter((input) => accepts(input)).length
  const lenient = sample.filter((input) => decodes(input) && !accepts(input)).length
  expect(accepted).toBeGreaterThan(500)
  expect(sample.length - accepted).toBeGreaterThan(500)
  expect(lenient).toBeGreaterThan(50)
})

test('every event of a drawn log is valid', () => {
  fc.assert(
    fc.property(logs(), (log) => {
      for (const event of log) expect(accepts(event), JSON.stringify(accepts.errors)).toBe(true)
    }),
  )
})

const value = { name: 'Ada' }

test.each<[accepted: boolean, what: string, event: unknown]>([
  [true, '[P2] any value', put('1', 'dark')],
  [true, '[F-real-47] null for a value', put('1', null)],
  [
    true,
    '[P2] an update with an old value',
    { ...put('1', value, { operation: 'update' }), old_value: null },
  ],
  [true, '[P2] a delete without a value', remove('1')],
  [true, '[P2] a delete with null for a value', { ...remove('1'), value: null }],
  [true, '[P3] unknown headers and fields', { ...put('1', value, { 'x-trace': 1 }), meta: {} }],
  [true, '[P1] a control with an offset', { headers: { control: 'reset', offset: '0_1' } }],
  [true, '[P3] a control with unknown parts', { key: 7, headers: { control: 'reset', at: 1 } }],
  [false, '[P1] an operation and a control', put('1', value, { control: 'reset' })],
  [false, '[P1] an unknown operation', { ...put('1', value), headers: { operation: 'replace' } }],
  [false, '[P2] an empty key', put('', value)],
  [false, '[P2] no value', { type: 'user', key: '1', headers: { operation: 'upsert' } }],
  [false, 'an empty txid', put('1', value, { txid: '' })],
])('the schema: %s for %s', (accepted, _what, event) => {
  expect(accepts(event)).toBe(accepted)
})

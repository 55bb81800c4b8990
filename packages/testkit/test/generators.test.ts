import { decodeStateEvent, StateIssue, type StateEvent } from '@streamdb/state'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  canonical,
  changeEvents,
  cuts,
  garbage,
  logs,
  oracle,
  redeliveries,
  stamp,
  offsetAt,
} from '../src/index.ts'

function shapeOf(event: StateEvent): string {
  return String(event.headers['operation'] ?? event.headers['control'])
}

test('changes have every operation, hostile names and primitive values', () => {
  const events = fc.sample(changeEvents(), { numRuns: 1_000, seed: 1 })
  const seen = (pick: (event: (typeof events)[number]) => unknown): Set<unknown> => new Set(events.map(pick))
  expect(seen(shapeOf)).toEqual(new Set(['insert', 'update', 'upsert', 'delete']))
  expect(seen((event) => event.type)).toContain('__proto__')
  expect(seen((event) => event.key)).toContain('hasOwnProperty')
  expect(seen((event) => typeof event.value)).toEqual(
    new Set(['object', 'string', 'number', 'boolean', 'undefined']),
  )
  expect(seen((event) => event.headers.txid)).toContain('tx-1')
  expect(seen((event) => Object.hasOwn(event.value ?? {}, '__proto__'))).toContain(true)
})

test('with objectsOnly every value is a plain object', () => {
  for (const { value } of fc.sample(changeEvents({ objectsOnly: true, hostile: false }), {
    numRuns: 500,
    seed: 2,
  })) {
    if (value !== undefined) expect(Object.prototype.toString.call(value)).toBe('[object Object]')
  }
})

test('logs have resets, and snapshots that are whole, nested, cut short, stray and never ended', () => {
  const shapes = fc.sample(logs(), { numRuns: 500, seed: 3 }).map((log) => log.map(shapeOf).join(' '))
  const withoutControls = '(?!snapshot|reset)\\S+'
  for (const shape of [
    `snapshot-start( ${withoutControls})+ snapshot-end`,
    'snapshot-start snapshot-end',
    `snapshot-start( ${withoutControls})* snapshot-start`,
    `snapshot-start( ${withoutControls})* reset`,
    `snapshot-start( ${withoutControls})*$`,
    `snapshot-end( ${withoutControls})* snapshot-end`,
    '^reset',
    'reset$',
  ]) {
    expect(
      shapes.some((text) => new RegExp(shape).test(text)),
      shape,
    ).toBe(true)
  }
})

test('logs survive the wire and decode to the same events', () => {
  fc.assert(
    fc.property(logs(), (log) => {
      // What JSON.parse gives back for an event is an event.
      const travelled = JSON.parse(JSON.stringify(log)) as StateEvent[]
      expect(canonical(oracle(travelled))).toBe(canonical(oracle(log)))
      for (const event of travelled) expect(decodeStateEvent(event)).toBe(event)
    }),
    { numRuns: 200 },
  )
})

test('garbage is no event, and survives the wire', () => {
  fc.assert(
    fc.property(garbage(), (item) => {
      expect(JSON.parse(JSON.stringify(item))).toEqual(item)
      expect(decodeStateEvent(item)).toBeInstanceOf(StateIssue)
    }),
    { numRuns: 500 },
  )
})

test('a cut is the log in pieces', () => {
  const arbitrary = fc.array(fc.nat()).chain((log) => cuts(log).map((batches) => ({ log, batches })))
  fc.assert(
    fc.property(arbitrary, ({ log, batches }) => {
      expect(batches.flat()).toEqual(log)
    }),
  )
  const sizes = fc
    .sample(cuts([1, 2, 3, 4]), { numRuns: 200, seed: 4 })
    .map((batches) => batches.map((batch) => batch.length).join())
  expect(sizes).toContain('4')
  expect(sizes.some((cut) => /\b0\b/.test(cut))).toBe(true)
})

test('a reader that skips what it has applied reads any redelivery as the log', () => {
  const log = 'abcdefgh'.split('')
  const arbitrary = cuts(log).chain((batches) => redeliveries(batches))
  fc.assert(
    fc.property(arbitrary, (deliveries) => {
      let applied: string[] = []
      for (const { items, start, end } of deliveries) {
        expect(items).toEqual(log.slice(start, end))
        applied = [...applied, ...items.slice(Math.max(applied.length - start, 0))]
      }
      expect(applied).toEqual(log)
    }),
  )
  const total = fc
    .sample(arbitrary, { numRuns: 100, seed: 5 })
    .map((deliveries) => deliveries.flatMap(({ items }) => items).length)
  expect(Math.max(...total)).toBeGreaterThan(log.length * 2)
})

test('events of one append share the offset behind it', () => {
  const items = [{ headers: { operation: 'insert' } }, { headers: {} }, { headers: {} }]
  const stamped = stamp({ items, start: 1, end: 4 }, [1, 2])
  expect(stamped.map(({ headers }) => headers)).toEqual([
    { operation: 'insert', offset: offsetAt(3) },
    { offset: offsetAt(3) },
    { offset: offsetAt(4) },
  ])
})

// @vitest-environment node
import { MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { control, modelOf, put, remove, rowsOf } from './builders.ts'
import type { Item } from './builders.ts'

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
const item: fc.Arbitrary<Item> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(key, fc.nat(9)).map(([name, size]) => put(name, { size })) },
  { weight: 2, arbitrary: key.map((name) => remove(name)) },
  { weight: 1, arbitrary: fc.constantFrom('reset', 'snapshot-start', 'snapshot-end').map(control) },
)

/** What every reader makes of a log. */
function oracle(items: readonly Item[]): Record<string, Record<string, unknown>> {
  const state = new MaterializedState()
  state.applyBatch(items as unknown as StateEvent[]) // made of valid parts
  return Object.fromEntries(state.types.map((type) => [type, Object.fromEntries(state.getType(type))]))
}

describe('rows at a point of the log', () => {
  test('[V23] are those that a reader has who stops there, wherever one looks first', () => {
    fc.assert(
      fc.property(
        fc.array(item, { maxLength: 60 }),
        fc.array(fc.nat(60), { maxLength: 8 }),
        (items, looks) => {
          const model = modelOf(items)
          for (const look of [...looks, items.length]) {
            expect(rowsOf(model, look)).toEqual(oracle(items.slice(0, look)))
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('[V22] stay when the events that made them are dropped', () => {
    // A block has 1,024 events; 32 of them go at once.
    const items = Array.from({ length: 70_000 }, (_, index) =>
      index % 7 === 3 ? remove(`k${index % 50}`) : put(`k${index % 400}`, { index }),
    )
    const model = modelOf(items, { limits: { events: 34_000 } })
    const { store } = model
    expect(store.count).toBeLessThanOrEqual(34_000)
    expect(store.end).toBe(70_000)
    expect(store.get(0)).toBeUndefined()
    for (const position of [store.first, store.first + 5_000, 70_000]) {
      expect(rowsOf(model, position)).toEqual(oracle(items.slice(0, position)))
    }
    // Before the first that is kept nothing is known but that.
    expect(rowsOf(model, 10)).toEqual(oracle(items.slice(0, store.first)))
    expect(model.timeline.matchCount).toBe(store.count)
    expect(model.timeline.line(0)).toMatchObject({ number: store.first })
  })

  test('[V22] characters are bounded too', () => {
    const text = 'x'.repeat(500)
    const items = Array.from({ length: 40_000 }, (_, index) => put('same', { index, text }))
    const { store } = modelOf(items, { limits: { characters: 21_000_000 } })
    expect(store.characters).toBeLessThanOrEqual(21_000_000)
    expect(store.count).toBeGreaterThan(2_000)
  })

  test('[V27] an invalid event is listed as it came, and changes no row', () => {
    const broken = { type: 'note', key: 'a', headers: { operation: 'upset' } }
    const model = modelOf([put('a', { size: 1 }), broken, 7, put('b', { size: 2 })])
    expect(model.invalid.list()).toMatchObject([
      { number: 2, event: 7, code: 'not-an-event' },
      { number: 1, event: broken, path: '/headers/operation' },
    ])
    // One that only the schema of the application refuses is told of later.
    const refused = put('a', { size: 'large' })
    model.addBatch({ items: [refused], offset: '2' })
    expect(rowsOf(model)['note']?.['a']).toEqual({ id: 'a', size: 'large' })
    const issue = { code: 'schema', path: '/value/size', expected: 'a number', received: '"large"' } as const
    model.noteInvalid({ ...issue, event: refused }, 'refused', '2')
    expect(rowsOf(model)).toEqual({ note: { a: { id: 'a', size: 1 }, b: { id: 'b', size: 2 } } })
    expect(model.store.get(4)).toMatchObject({ isInvalid: true, item: refused })
  })

  test('a restart of the log voids the rows, and is no event of an export', () => {
    const model = modelOf([put('a', { size: 1 })])
    model.noteRestart('stream-replaced')
    model.addBatch({ items: [put('b', { size: 2 })], offset: '1' })
    expect(rowsOf(model, 1)).toEqual({ note: { a: { id: 'a', size: 1 } } })
    expect(rowsOf(model)).toEqual({ note: { b: { id: 'b', size: 2 } } })
  })

  test('counts events, characters and rates by type', () => {
    const model = modelOf([put('a', {}), put('a', {}), control('reset')])
    const { statistics } = model.store
    expect(statistics.types.get('note')?.events).toBe(2)
    expect(statistics.total.events).toBe(3)
    expect(statistics.seconds(1_000, 2).map(({ events }) => events)).toEqual([0, 3])
  })
})

import { fold, noChanges, takeChanges } from '@streamdb/state'
import type { Changes, StateEvent } from '@streamdb/state'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { coveredRowsOf, eventKeyOf, toRowKeys, trackEventKeys } from '../src/collections/event-keys.ts'
import type { AnyCollection } from '../src/collections/types.ts'
import { OwnKeys } from '../src/sync/own-keys.ts'
import { createStateSchema } from '../src/index.ts'
import { z } from 'zod'

interface Row {
  readonly id: string
  readonly n: number
}

const state = createStateSchema({
  items: {
    type: 'item',
    primaryKey: 'id',
    key: 'value',
    schema: z.object({ id: z.string(), n: z.number() }),
  },
})

/** A collection as the translation sees it, and what becomes of its rows. */
function keep() {
  const base = new Map<string, unknown>()
  // What the translation reads of a collection.
  const collection = { base } as unknown as AnyCollection
  trackEventKeys(collection, 'id')
  const collections = new Map([['item', { collection }]])
  const ownKeys = new OwnKeys(state)
  const changes = noChanges()
  const read = (events: readonly StateEvent[]): Changes => {
    for (const event of events) {
      if ('value' in event && event.headers.operation !== 'delete')
        ownKeys.put(changes, event, event.value as Row)
      fold([event], changes)
    }
    return takeChanges(changes)
  }
  const apply = (given: Changes, order?: 'older'): void => {
    const told = toRowKeys(given, collections, order)
    if (told.replaces) base.clear()
    for (const [key, row] of told.rows.get('item') ?? []) {
      if (row === undefined) base.delete(key)
      else base.set(key, row)
    }
  }
  return { base, collection, read, apply }
}

/** The rows by the law: of the entities that the log has, the one that was put last has the row. */
function expected(events: readonly StateEvent[]): Map<string, unknown> {
  let entities = new Map<string, Row>()
  for (const event of events) {
    if (!('key' in event)) entities = new Map()
    else {
      const { key, value, headers } = event as { key: string; value: Row; headers: { operation: string } }
      entities.delete(key)
      if (headers.operation !== 'delete') entities.set(key, value)
    }
  }
  return new Map([...entities.values()].map((row) => [row.id, row]))
}

const event: fc.Arbitrary<StateEvent> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2')).map(put) },
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c').map(remove) },
  { weight: 1, arbitrary: fc.constant({ headers: { control: 'reset' } } as const) },
)
let count = 0
function put([key, id]: readonly [string, string]): StateEvent {
  return { type: 'item', key, value: { id, n: count++ }, headers: { operation: 'upsert' } }
}
function remove(key: string): StateEvent {
  return { type: 'item', key, headers: { operation: 'delete' } }
}

const sorted = (rows: ReadonlyMap<string, unknown>): unknown => [...rows].sort(([a], [b]) => (a < b ? -1 : 1))

test("[P7] [M1] [M6] with key: 'value', the last put of a primary key has its row, however a log is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.array(event, { maxLength: 5 }), { maxLength: 6 }), (batches) => {
      const { base, collection, read, apply } = keep()
      for (const [index, batch] of batches.entries()) {
        apply(read(batch))
        expect(sorted(base)).toEqual(sorted(expected(batches.slice(0, index + 1).flat())))
      }
      // Entities, handed on as they are kept, lead to the same rows.
      const again = keep()
      const rows = [...base].map(([key, row]) => [eventKeyOf(collection, key), row] as const)
      for (const [key, row] of [...coveredRowsOf(collection), ...rows])
        again.apply(again.read([{ type: 'item', key, value: row, headers: { operation: 'upsert' } }]))
      const end = [remove('a'), put(['b', '2'])]
      apply(read(end))
      again.apply(again.read(end))
      expect(sorted(again.base)).toEqual(sorted(base))
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 200) },
  )
})

test("[P7] [R2] with key: 'value', rows that are loaded later and are older take no other entity's place", () => {
  const { base, read, apply } = keep()
  const [old, older, other, current] = [put(['a', '1']), put(['b', '1']), put(['d', '2']), put(['c', '1'])]
  apply(read([current]))
  apply(read([old, other]), 'older')
  apply(read([older]), 'older')
  const valueOf = (from: StateEvent): unknown => ('value' in from ? from.value : undefined)
  expect([base.get('1'), base.get('2')]).toEqual([valueOf(current), valueOf(other)])
  // The newest of those that are left.
  apply(read([remove('c')]))
  expect(base.get('1')).toEqual(valueOf(old))
  apply(read([remove('a')]))
  expect(base.get('1')).toEqual(valueOf(older))
  apply(read([remove('b')]))
  expect([...base.keys()]).toEqual(['2'])
})

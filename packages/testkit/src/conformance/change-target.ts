import type { ChangeTarget } from '@streamdb/db'
import { StreamDBError } from '@streamdb/log'
import { fold, noChanges, takeChanges } from '@streamdb/state'
import type { Changes, StateEvent } from '@streamdb/state'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { oracle } from '../oracle.ts'

/** A target, and what it shows. */
export interface TargetUnderTest {
  readonly target: ChangeTarget
  /** Returns the rows of a type that whoever reads the target sees, plain, by key. */
  readonly rowsOf: (type: string) => ReadonlyMap<string, unknown>
  readonly isReady: () => boolean
}

/** Makes an empty target for the event types `user` and `message`, whose rows are objects with an `id`. */
export type CreateTarget = () => TargetUnderTest

const types = ['user', 'message']

const write = fc.record({
  type: fc.constantFrom(...types),
  key: fc.constantFrom('1', '2', '3', '__proto__', 'constructor'),
  text: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
})
const event: fc.Arbitrary<StateEvent> = fc.oneof(
  {
    weight: 8,
    arbitrary: write.map(({ type, key, text }) =>
      text === undefined
        ? { type, key, headers: { operation: 'delete' as const } }
        : { type, key, value: { id: key, text }, headers: { operation: 'upsert' as const } },
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('reset' as const, 'snapshot-start' as const, 'snapshot-end' as const)
      .map((control) => ({ headers: { control } })),
  },
)
const batches = fc.array(fc.array(event, { maxLength: 8 }), { maxLength: 12 })

/** Changes that put rows `from` .. `to` of both types, with this text. */
function manyRows(from: number, to: number, text: string): Changes {
  const changes = noChanges()
  for (const type of types) {
    const rows = new Map<string, unknown>()
    for (let n = from; n < to; n++) rows.set(`k${n}`, { id: `k${n}`, text })
    changes.rows.set(type, rows)
  }
  return changes
}

/** Runs the laws of `ChangeTarget` on an implementation. */
export function describeChangeTarget(name: string, create: CreateTarget): void {
  const shown = ({ rowsOf }: TargetUnderTest): unknown => types.map((type) => new Map(rowsOf(type)))

  describe(`ChangeTarget: ${name}`, () => {
    test('[M6] any log, in any batches, ends at the rows that the oracle has', async () => {
      await fc.assert(
        fc.asyncProperty(batches, async (log) => {
          const under = create()
          const changes = noChanges()
          let offset = 0
          for (const batch of log) {
            fold(batch, changes)
            await under.target.apply(takeChanges(changes), { offset: String(++offset) })
          }
          const expected = oracle(log.flat())
          expect(shown(under)).toEqual(types.map((type) => expected.get(type) ?? new Map()))
        }),
        { numRuns: 60 },
      )
    })

    test('[M3] [F-mat-5] deleting absent keys, and putting the same rows again, does nothing', async () => {
      const under = create()
      await under.target.apply(manyRows(0, 3, 'a'), { offset: '1' })
      const before = shown(under)
      const again = manyRows(0, 3, 'a')
      again.rows.get('user')?.set('absent', undefined)
      await under.target.apply(again, { offset: '2' })
      expect(shown(under)).toEqual(before)
    })

    test('[F-size-1] [F-real-59] thousands of rows are all there when `apply` is done, over others or not', async () => {
      const under = create()
      await under.target.apply(manyRows(0, 3000, 'a'), { offset: '1' })
      expect(types.map((type) => under.rowsOf(type).size)).toEqual([3000, 3000])
      await under.target.apply(manyRows(1500, 4500, 'b'), { offset: '2' })
      expect(types.map((type) => under.rowsOf(type).size)).toEqual([4500, 4500])
      await under.target.apply({ ...manyRows(0, 2000, 'c'), replaces: true }, { offset: '3' })
      for (const type of types) {
        expect(under.rowsOf(type).size).toBe(2000)
        expect(under.rowsOf(type).get('k1999')).toEqual({ id: 'k1999', text: 'c' })
      }
    })

    test('[C1] whoever reads while `apply` is under way sees all of its changes, or none', async () => {
      for (const turns of [0, 1, 2, 3, 5, 8]) {
        const under = create()
        await under.target.apply(manyRows(0, 3000, 'a'), { offset: '1' })
        const applied = under.target.apply({ ...manyRows(1500, 4500, 'b'), replaces: true }, { offset: '2' })
        for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve))
        const texts = types.map((type) => {
          const rows = [...under.rowsOf(type).values()]
          return [rows.length, ...new Set(rows.map((row) => Reflect.get(Object(row), 'text') as unknown))]
        })
        expect([
          [3000, 'a'],
          [3000, 'b'],
        ]).toContainEqual(texts[0])
        expect(texts[1]).toEqual(texts[0])
        await applied
      }
    })

    test('[C2] the objects of the changes are not changed', async () => {
      const under = create()
      const changes = manyRows(0, 10, 'a')
      const copy = structuredClone(changes)
      await under.target.apply(changes, { offset: '1' })
      await under.target.apply({ ...manyRows(0, 5, 'b'), replaces: true }, { offset: '2' })
      expect(changes).toEqual(copy)
    })

    test('a failure is no end: rows stay, and are applied and ready again later', async () => {
      const under = create()
      await under.target.apply(manyRows(0, 2, 'a'), { offset: '1' })
      expect(under.isReady()).toBe(false)
      under.target.setReady()
      expect(under.isReady()).toBe(true)
      under.target.setFailed(new StreamDBError('stream-failed', 'The stream cannot be read'))
      expect(under.isReady()).toBe(false)
      expect(under.rowsOf('user').size).toBe(2)
      await under.target.apply(manyRows(2, 4, 'b'), { offset: '2' })
      under.target.setReady()
      expect([under.isReady(), under.rowsOf('user').size]).toEqual([true, 4])
    })
  })
}

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { slicesOf } from '../src/collections/chunks.ts'

test('slices hold every row that is none deleted, in the order of the keys, and are short', () => {
  const keys = fc.oneof(fc.string({ minLength: 1, maxLength: 3 }), fc.nat({ max: 40_000 }).map(String))
  const maps = fc
    .array(fc.tuple(keys, fc.option(fc.nat(), { nil: undefined })), { maxLength: 50 })
    .chain((few) => fc.nat({ max: 20_000 }).map((more) => new Map([...few, ...numbered(more, few.length)])))
  fc.assert(
    fc.property(maps, (rows) => {
      const slices = [...slicesOf(rows)].filter((slice) => slice !== undefined)
      const expected = [...rows].filter(([, row]) => row !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
      expect(slices.flat()).toEqual(expected)
      for (const slice of slices) expect(slice.length).toBeLessThan(512)
    }),
    { numRuns: 30 },
  )
})

/** Rows whose keys come in an order of their own: some in order, some all over. */
function numbered(count: number, step: number): [string, number][] {
  return Array.from({ length: count }, (_, n) => [String((n * (step % 2 === 0 ? 1 : 7919)) % 20_011), n])
}

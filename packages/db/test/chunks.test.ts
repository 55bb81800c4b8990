import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunksOf } from '../src/collections/chunks.ts'

test('[F-size-1] chunks hold every row and every delete, in the order of the keys, and are short', () => {
  const keys = fc.oneof(fc.string({ minLength: 1, maxLength: 3 }), fc.nat({ max: 40_000 }).map(String))
  const maps = fc
    .array(fc.tuple(keys, fc.option(fc.nat(), { nil: undefined })), { maxLength: 50 })
    .chain((few) => fc.nat({ max: 20_000 }).map((more) => new Map([...few, ...numbered(more, few.length)])))
  fc.assert(
    fc.property(maps, (rows) => {
      const chunks = [...chunksOf(rows, 'empty')].filter((chunk) => chunk !== undefined)
      const expected = [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
      expect(chunks.flat()).toEqual(expected)
      for (const chunk of chunks) expect(chunk.length).toBeLessThan(512)
    }),
    { numRuns: 30 },
  )
})

/** Rows whose keys come in an order of their own: some in order, some all over. */
function numbered(count: number, step: number): [string, number][] {
  return Array.from({ length: count }, (_, n) => [String((n * (step % 2 === 0 ? 1 : 7919)) % 20_011), n])
}

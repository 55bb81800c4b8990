import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonItems } from '../src/json-array-parser.ts'
import { TooLargeItem } from '../src/too-large-item.ts'

/** Reads a text that comes in pieces; returns the items of each part. */
function read(text: string, sizes: readonly number[], enough: number): (readonly unknown[])[] {
  const body = new JsonItems(enough)
  const parts: (readonly unknown[])[] = []
  const bytes = new TextEncoder().encode(text)
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    const items = body.push(bytes.subarray(at, at + size))
    if (items.length > 0) parts.push(items)
    at += size
  }
  parts.push(body.finish())
  return parts
}

/** A JSON text, as dense as it can be or with white space all over it. */
const texts = fc
  .tuple(fc.array(fc.jsonValue()), fc.constantFrom(undefined, 1, '\t\r\n'))
  .map(([items, space]) => JSON.stringify(items, undefined, space))
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 })

describe('JsonItems', () => {
  test('[M6] an array in any pieces, parsed in parts of any size, is the same items', () => {
    fc.assert(
      fc.property(texts, sizes, fc.integer({ min: 1, max: 200 }), (text, cut, enough) => {
        expect(read(text, cut, enough).flat()).toEqual(JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
  })

  test('a body that ends too early, or has more after its end, is refused', () => {
    fc.assert(
      fc.property(texts, sizes, fc.nat(), (text, cut, missing) => {
        const whole = text.trimEnd()
        expect(() => read(whole.slice(0, missing % whole.length), cut, 5)).toThrow(SyntaxError)
        expect(() => read(`${whole}]`, cut, 5)).toThrow(SyntaxError)
      }),
      { numRuns: 500 },
    )
  })

  test('a body that is not an array is one item', () => {
    expect(read('{"a":1,"b":[2,3],"c":4}', [3, 3, 3, 3], 2)).toEqual([[{ a: 1, b: [2, 3], c: 4 }]])
  })

  test('[F-size-1] a large body comes in parts, a small one whole', () => {
    const text = JSON.stringify(Array.from({ length: 100 }, (_, n) => ({ n, text: 'a "quoted, [text]" \\' })))
    expect(read(text, [text.length], 1e6)).toHaveLength(1)
    const parts = read(text, Array<number>(200).fill(64), 500)
    expect(parts.length).toBeGreaterThan(5)
    expect(parts.flat()).toEqual(JSON.parse(text))
  })

  test.each(['', ' ', '[', '[1,', '<html>, [1]', '[1}, 2]'])('%j is refused', (text) => {
    expect(() => read(text, [1, 1, 1, 1], 1)).toThrow(SyntaxError)
  })
})

describe('limits', () => {
  const items = ['small', { text: 'x'.repeat(5000) }, 1, ['y'.repeat(4000), { a: '"\\' }], 'last']

  test('[F-real-73] an item above the limit is not parsed, and says how large it is; all others are', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 10, max: 200 }), (cut, enough) => {
        const body = new JsonItems(enough, 1000)
        const bytes = new TextEncoder().encode(JSON.stringify(items))
        const parts: unknown[] = []
        let at = 0
        for (const size of [...cut, bytes.length]) {
          parts.push(...body.push(bytes.subarray(at, at + size)))
          at += size
        }
        parts.push(...body.finish())
        const large = (size: number): unknown =>
          expect.toSatisfy((item) => item instanceof TooLargeItem && Math.abs(item.size - size) < 5) // to the brackets
        expect(parts).toEqual(['small', large(5011), 1, large(4020), 'last'])
      }),
      { numRuns: 300 },
    )
  })

  test('[F-real-73] the only item, or the last, above the limit', () => {
    const long = JSON.stringify(['x'.repeat(3000)])
    const readAll = (text: string): readonly unknown[] => {
      const body = new JsonItems(50, 1000)
      return [...body.push(new TextEncoder().encode(text)), ...body.finish()]
    }
    expect(readAll(long)).toEqual([expect.any(TooLargeItem)])
    expect(readAll(`[1,${long}]`)).toEqual([1, expect.any(TooLargeItem)])
    expect(readAll(` ${long}\n `)).toEqual([expect.any(TooLargeItem)])
    expect(() => readAll(long.slice(0, -1))).toThrow(SyntaxError)
    expect(() => readAll(long.slice(0, -2))).toThrow(SyntaxError)
    expect(() => readAll(`${long}]`)).toThrow(SyntaxError)
  })

  test('[F-real-79] a long string of escaped quotes is scanned once', () => {
    const read = (length: number): number => {
      const bytes = new TextEncoder().encode(JSON.stringify(['\\"'.repeat(length)]))
      const body = new JsonItems(64 * 1024, 1e9)
      const began = performance.now()
      for (let at = 0; at < bytes.length; at += 64 * 1024) body.push(bytes.subarray(at, at + 64 * 1024))
      expect(body.finish()).toHaveLength(1)
      return performance.now() - began
    }
    read(100_000)
    // Eight times the text: 64 times the time, were it quadratic.
    const ratio = read(2_000_000) / read(250_000)
    expect(ratio).toBeLessThan(30)
  })
})

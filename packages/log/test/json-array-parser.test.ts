import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonItems } from '../src/json-array-parser.ts'

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
  test('[M6] an array that comes in any pieces, in parts of any size, is the same items', () => {
    fc.assert(
      fc.property(texts, sizes, fc.integer({ min: 1, max: 200 }), (text, cut, enough) => {
        expect(read(text, cut, enough).flat()).toEqual(JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
  })

  test('a body that ends too early, or goes on, is no JSON, however it comes', () => {
    fc.assert(
      fc.property(texts, sizes, fc.nat(), (text, cut, missing) => {
        const whole = text.trimEnd()
        expect(() => read(whole.slice(0, missing % whole.length), cut, 5)).toThrow(SyntaxError)
        expect(() => read(`${whole}]`, cut, 5)).toThrow(SyntaxError)
      }),
      { numRuns: 500 },
    )
  })

  test('what is no array is one item, though it has commas', () => {
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

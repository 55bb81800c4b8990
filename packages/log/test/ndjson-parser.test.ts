import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NdjsonItems } from '../src/ndjson-parser.ts'
import { TooLargeItem } from '../src/too-large-item.ts'

function read(text: string, sizes: readonly number[], parser: NdjsonItems): unknown[] {
  const bytes = new TextEncoder().encode(text)
  const items: unknown[] = []
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    items.push(...parser.push(bytes.subarray(at, at + size)))
    at += size
  }
  return [...items, ...parser.finish()]
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 })

describe('NdjsonItems', () => {
  test('[F-real-54] lines in any pieces are the same items; blank lines are skipped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        sizes,
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.boolean(),
        (items, cut, enough, end, isEnded) => {
          const text = items.map((item) => JSON.stringify(item)).join(end) + (isEnded ? end : '')
          expect(read(text, cut, new NdjsonItems(enough))).toEqual(
            items.map((item) => JSON.parse(JSON.stringify(item)) as unknown),
          )
        },
      ),
      { numRuns: 500 },
    )
  })

  test('[F-real-73] a line above the limit is not parsed', () => {
    const text = `1\n"${'x'.repeat(300)}"\n\n2\n`
    expect(read(text, [5, 5, 5], new NdjsonItems(1, 100))).toEqual([1, expect.any(TooLargeItem), 2])
    expect(read(text, [], new NdjsonItems(1000, 100))).toEqual([1, expect.any(TooLargeItem), 2])
  })

  test('says whether it ends inside a line', () => {
    const parser = new NdjsonItems()
    parser.push(new TextEncoder().encode('{"a":1}\n{"b"'))
    expect(parser.isInsideLine).toBe(true)
    parser.push(new TextEncoder().encode(':2}\n'))
    expect(parser.isInsideLine).toBe(false)
    expect(parser.finish()).toEqual([{ a: 1 }, { b: 2 }])
  })

  test('text that is not JSON is refused', () => {
    expect(() => read('{"a":1}\n{oh}\n', [], new NdjsonItems())).toThrow(SyntaxError)
  })
})

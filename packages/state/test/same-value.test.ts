import fc from 'fast-check'
import { isSameValue, rowVersion } from '@streamdb/state'
import { expect, test } from 'vitest'

class Money {
  readonly amount: number
  constructor(amount: number) {
    this.amount = amount
  }
}

const same: readonly (readonly [unknown, unknown])[] = [
  ['a', 'a'],
  [0, -0],
  [NaN, NaN],
  [
    { a: 1, b: { c: [1, 2] } },
    { b: { c: [1, 2] }, a: 1 },
  ],
  [{ a: 1, gone: undefined }, { a: 1 }],
  [{ gone: undefined }, { other: undefined }],
  [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  [JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"a":1}}')],
  [new Date(5), new Date(5)],
  [new URL('https://example.org/a'), new URL('https://example.org/a')],
  [new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]])],
  [new Set([1, 2]), new Set([1, 2])],
  [new Money(5), new Money(5)],
  [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
]

const others: readonly (readonly [unknown, unknown])[] = [
  [0, '0'],
  [null, undefined],
  [null, {}],
  [[], {}],
  [
    [1, 2],
    [2, 1],
  ],
  [[1], [1, undefined]],
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { a: 1, b: null }],
  [{ a: 1 }, { b: 1 }],
  [JSON.parse('{"__proto__":1}'), {}],
  [{}, JSON.parse('{"toString":1}')],
  [new Date(5), new Date(6)],
  [new Date(5), new Date(5).toISOString()],
  [new Map([['a', 1]]), new Map([['a', 2]])],
  [new Set([1]), new Set([2])],
  [new Map(), new Set()],
  [new Money(5), new Money(6)],
  [new Money(5), { amount: 5 }],
  [/a/, /b/],
]

test('[P8] values are the same by what they hold, in both directions', () => {
  for (const [a, b] of same)
    expect([isSameValue(a, b), isSameValue(b, a)], describe(a, b)).toEqual([true, true])
  for (const [a, b] of others)
    expect([isSameValue(a, b), isSameValue(b, a)], describe(a, b)).toEqual([false, false])
})

test('[P8] values of JSON are the same where their rows have the same version', () => {
  fc.assert(
    fc.property(jsonPairs(), ([a, b]) => {
      expect(isSameValue(a, b)).toBe(rowVersion(a) === rowVersion(b))
    }),
    { numRuns: 500 },
  )
})

/** Draws a value and another one, or the same one with its fields in another order. */
function jsonPairs(): fc.Arbitrary<readonly [unknown, unknown]> {
  return fc.oneof(
    fc.tuple(fc.jsonValue({ maxDepth: 2 }), fc.jsonValue({ maxDepth: 2 })),
    fc.jsonValue().map((value) => [value, reversed(value)] as const),
  )
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).reverse()
  return Object.fromEntries(entries.map(([name, each]) => [name, reversed(each)]))
}

function describe(a: unknown, b: unknown): string {
  return `${String(JSON.stringify(a))} and ${String(JSON.stringify(b))}`
}

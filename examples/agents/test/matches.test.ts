import fc from 'fast-check'
import { expect, test } from 'vitest'
import { excerptOf, matchesIn, piecesOf, wordsOf } from '../src/matches.ts'

const words = fc.array(fc.constantFrom('a', 'ab', 'ba', 'loom', 'ß'), { maxLength: 3 })
const texts = fc.string({ unit: fc.constantFrom('a', 'B', 'ß', 'İ', ' ', '\n', 'loom', 'x') })

test('[A44] a text is cut into what is looked for and the rest, and nothing of it is lost', () => {
  fc.assert(
    fc.property(texts, words, (text, looked) => {
      const pieces = piecesOf(text, looked)
      expect(pieces.map((piece) => piece.text).join('')).toBe(text)
      for (const piece of pieces) {
        if (piece.isMatch) expect(looked).toContain(piece.text.toLocaleLowerCase())
      }
    }),
    { numRuns: 200 },
  )
})

test('[A44] of words that overlap the first and longest is marked', () => {
  expect(wordsOf('  The  LOOM ')).toEqual(['the', 'loom'])
  expect(matchesIn('The loom, the looms', ['loom', 'looms'])).toEqual([
    [4, 8],
    [14, 19],
  ])
})

test.each([
  ['a loom', 'a loom'],
  ['# **A** loom', 'A loom'],
  [`${'word '.repeat(20)}and then the loom`, '…and then the loom'],
  [`${'x'.repeat(80)}loom`, '…loom'],
])('[A44] what is found is shown with a little before it: %j', (text, shown) => {
  expect(excerptOf(text, ['loom'])).toBe(shown)
})

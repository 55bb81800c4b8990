import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { changeBetween, movePlace } from '../src/text-change.ts'

test('[A37] what an editor made of a text is one change, at its caret', () => {
  expect(changeBetween('aa', 'aaa', 1)).toEqual({ at: 0, removed: 0, inserted: 'a' })
  expect(changeBetween('aa', 'aaa', 3)).toEqual({ at: 2, removed: 0, inserted: 'a' })
  expect(changeBetween('abc', 'abc', 1)).toBeUndefined()
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 })
  fc.assert(
    fc.property(letters, letters, fc.nat(8), (before, after, caret) => {
      const change = changeBetween(before, after, caret)
      const { at, removed, inserted } = change ?? { at: 0, removed: 0, inserted: '' }
      expect(before.slice(0, at) + inserted + before.slice(at + removed)).toBe(after)
    }),
  )
})

test('[A37] a caret stays between the letters where it was while somebody else writes', () => {
  const place = fc.record({ at: fc.nat(10), remove: fc.nat(3), insert: fc.string({ maxLength: 3 }) })
  fc.assert(
    fc.property(fc.nat(10), place, (caret, { at, remove, insert }) => {
      const text = new Y.Doc().getText()
      text.insert(0, '0123456789')
      let moved = caret
      text.observe(({ delta }) => (moved = movePlace(caret, delta)))
      text.doc?.transact(() => {
        text.delete(Math.min(at, 10), Math.min(remove, 10 - Math.min(at, 10)))
        text.insert(Math.min(at, 10 - Math.min(remove, 10 - Math.min(at, 10))), insert)
      })
      const left = (whole: string, end: number) => [...whole.slice(0, end)].filter((each) => /\d/.test(each))
      const kept = new Set(text.toJSON())
      const before = left('0123456789', caret).filter((digit) => kept.has(digit))
      if (/\d/.test(insert)) return
      expect(left(text.toJSON(), moved)).toEqual(before)
    }),
  )
})

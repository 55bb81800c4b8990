import { expect, test } from 'vitest'
import type { MessageView } from '../src/index.ts'
import { search } from '../src/search.ts'

function found(text: string, query: string): [index: number, excerpt: string][] {
  const part = { id: 'p', message: 'm', index: 0, kind: 'text', state: 'done', text } as const
  const view: MessageView = {
    message: { id: 'm', role: 'user', author: 'ada' },
    parts: [part],
    isPending: false,
  }
  return search([view], ({ text: own = '' }) => own, query).map(({ index, excerpt }) => [index, excerpt])
}

test.each([
  ['an accent is one character', 'un Caf\u00e9', 'cafe\u0301', 3],
  ['an accent is a character of its own', 'un Cafe\u0301', 'CAF\u00c9', 3],
  ['accents lie before the word', '\u00e9\u00e9\u00e9 Snow', 'snow', 4],
  ['characters have two units', '\u{1f600}\u{1f468}\u200d\u{1f469} Snow', 'snow', 8],
  ['a character is longer in lower case', '\u0130\u0130 Snow', 'snow', 3],
  ['all words are there', 'Snow and ice', 'ice SNOW', 9],
])('[A7] a text is found where %s', (_, text, query, index) => {
  expect(found(text, query).map(([at]) => at)).toEqual([index])
})

test('[A7] an excerpt cuts no character in half', () => {
  const text = `${'\u{1f600}'.repeat(40)}x${'\u{1f600}'.repeat(40)}`
  const [[index, excerpt] = [-1, '']] = found(text, 'x')
  expect(index).toBe(80)
  expect(excerpt).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/)
  expect(found(text, 'y')).toEqual([])
  expect(found(text, ' ')).toEqual([])
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatRoute, parseRoute } from '../src/route.ts'

const text = fc.string({ minLength: 1 }).filter((each) => each.trim() !== '')
const id = text.map((each) => each.trim())

test('[F-pages-2] an address parses to the route from which it was formatted', () => {
  const routes = fc.record({
    search: fc.oneof(fc.constant(''), text),
    authorId: fc.option(id, { nil: undefined }),
    commitId: fc.option(id, { nil: undefined }),
  })
  fc.assert(
    fc.property(routes, (route) => {
      expect(parseRoute(formatRoute(route))).toEqual(route)
    }),
  )
})

test.each([
  ['', { search: '', authorId: undefined, commitId: undefined }],
  ['?search=a+b&author=1&commit=2', { search: 'a b', authorId: '1', commitId: '2' }],
  ['?author=&commit=%20', { search: '', authorId: undefined, commitId: undefined }],
  ['?search=%&unknown=1', { search: '%', authorId: undefined, commitId: undefined }],
])('[F-pages-2] %j is read', (query, route) => {
  expect(parseRoute(query)).toEqual(route)
})

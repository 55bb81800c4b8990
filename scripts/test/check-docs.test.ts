import { expect, test } from 'vitest'
import { anchorsOf, fileProblems, linkProblems, walkProblems, walksOf } from '../check-docs.mjs'

test('headings have the anchors that GitHub gives them', () => {
  expect(anchorsOf('# A `b`, c?\n\n```sh\n# no heading\n```\n\n## Moving here\n')).toEqual([
    'a-b-c',
    'moving-here',
  ])
})

test('links that lead nowhere are found', () => {
  const documents = new Map([
    [
      'docs/a.md',
      '[one](b.md) [two](b.md#here) [three](b.md#gone) [four](c.md) [five](https://x.test)\n[six]: ../d.md',
    ],
    ['docs/b.md', '# Here'],
  ])
  expect(linkProblems('docs/a.md', documents, (path: string) => documents.has(path))).toEqual([
    'docs/a.md: docs/b.md has no heading for the link b.md#gone.',
    'docs/a.md: the link c.md leads nowhere.',
    'docs/a.md: the link ../d.md leads nowhere.',
  ])
})

test('files that do not exist are found', () => {
  const text = 'in `packages/a/src/b.ts` and `scripts/c.mjs`'
  expect(fileProblems('a.md', text, (path: string) => path === 'scripts/c.mjs')).toEqual([
    'a.md: names packages/a/src/b.ts, which does not exist.',
  ])
})

const packageOf = (file: string): string => `@streamdb/${file.split('/')[1] ?? ''}`
const sources = new Map([
  ['packages/log/src/http.ts', ''],
  ['packages/log/src/reader.ts', "import { get } from './http.ts'"],
  ['packages/db/src/sync.ts', "import type { Sink } from '@streamdb/log'"],
  ['packages/db/src/other.ts', ''],
])

test('a walk that follows the imports is right', () => {
  const text =
    '## A batch\n\n1. **`packages/log/src/http.ts`** gets\n2. **`packages/log/src/reader.ts`** loops\n3. **`packages/db/src/sync.ts`** takes\n'
  const walks = walksOf(text) as { heading: string; files: string[] }[]
  expect(walks.map(({ heading, files }) => [heading, files.length])).toEqual([['A batch', 3]])
  for (const walk of walks) expect(walkProblems(walk, sources, packageOf)).toEqual([])
})

test('a walk that goes back, or jumps, is not', () => {
  const files = [
    'packages/log/src/http.ts',
    'packages/db/src/other.ts',
    'packages/log/src/http.ts',
    'gone.ts',
  ]
  expect(walkProblems({ heading: 'A', files }, sources, packageOf)).toEqual([
    'A, step 2: no import joins packages/db/src/other.ts with a file of an earlier step.',
    'A, step 3: goes back to packages/log/src/http.ts.',
    'A, step 4: gone.ts does not exist.',
  ])
})

import { expect, test } from 'vitest'
import { idsOfSpec, idsOfTest, referenceProblems, shrink, specProblems } from '../check-spec.mjs'

const spec = `# Laws

- **M1** Order decides.
- **F-net-1** Refused → retried.

## Open

No test names these yet. The list only shrinks.

\`F-net-1\`
`

const tests = (...titles: string[]): Map<string, string> =>
  new Map(titles.map((title, index) => [`${index}.test.ts`, `test('${title}', () => undefined)`]))

test('reads the ids that a specification defines and leaves open', () => {
  expect(idsOfSpec(spec)).toEqual({ defined: ['M1', 'F-net-1'], open: ['F-net-1'] })
})

test('reads the ids of titles, and not of comments', () => {
  expect(idsOfTest(`// [M9]\n/** [M8] */\ntest('[M1] [F-net-1][fact 4] x', () => [rows])`)).toEqual([
    'M1',
    'F-net-1',
    'fact 4',
  ])
})

test('finds nothing wrong where tests and specification agree', () => {
  expect(specProblems(spec, tests('[M1] x'))).toEqual([])
})

test.each([
  ['an id that is not defined', ['[M1] [M2] x'], /\[M2\], which SPEC.md does not define/],
  ['an id that no test names', [], /no test names \[M1\]/],
  ['an open id that has a test', ['[M1] x', '[F-net-1] y'], /lists F-net-1 as open, but 1.test.ts tests it/],
])('reports %s', (_, titles, problem) => {
  expect(specProblems(spec, tests(...titles))).toEqual([expect.stringMatching(problem)])
})

test('reports an id that is defined twice', () => {
  const twice = spec.replace('- **M1**', '- **M1** One.\n- **M1**')
  expect(specProblems(twice, tests('[M1] x'))).toEqual(['SPEC.md: defines M1 twice.'])
})

test('shrinks the open list, and drops its section when it is empty', () => {
  expect(shrink(spec, tests('[M1] x'))).toBe(spec)
  expect(shrink(spec, tests('[F-net-1] x'))).toBe(
    '# Laws\n\n- **M1** Order decides.\n- **F-net-1** Refused → retried.\n',
  )
})

test('reports references of comments that lead nowhere', () => {
  const sources = new Map([
    ['a.ts', '// (SPEC M1, SPEC M2)'],
    ['b.ts', '// (DESIGN M1)'],
  ])
  expect(referenceProblems(spec, sources)).toEqual([
    'a.ts: refers to SPEC M2, which SPEC.md does not define.',
    expect.stringContaining('b.ts: refers to "DESIGN M1'),
  ])
})

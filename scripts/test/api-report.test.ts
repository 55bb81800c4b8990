import { expect, test } from 'vitest'
import { apiOf } from '../api-report.mjs'

const files = (index: string, others: Record<string, string> = {}) =>
  new Map([['index.d.ts', index], ...Object.entries(others)])

test('public names come sorted, at their declaration, without comments', () => {
  const api = apiOf(
    files("export { b } from './b.js';\nexport type { A } from './a.js';", {
      'a.d.ts':
        '/** Is an A. */\nexport interface A {\n    /** The url, like http://x. */\n    readonly url: "http://x";\n}',
      'b.d.ts': 'export declare function b(x: string): void;\nexport declare function b(x: number): void;',
    }),
  )
  expect(api.replace(/\n\s*\n/g, '\n')).toBe(
    [
      'export interface A {',
      '    readonly url: "http://x";',
      '}',
      'export function b(x: string): void;',
      'function b(x: number): void;',
    ].join('\n'),
  )
})

test('a type that is not exported is part of the report when what is exported speaks of it', () => {
  const api = apiOf(
    files("export { make } from './make.js';", {
      'make.d.ts': "import type { Made } from './made.js';\nexport declare function make(): Made;",
      'made.d.ts':
        'export interface Made {\n    deep: Deep;\n}\ninterface Deep {\n    x: 1;\n}\nexport interface Other {}',
    }),
  )
  expect(api).toContain('// Not exported, but part of what is:')
  expect(api).toContain('interface Made')
  expect(api).toContain('interface Deep')
  expect(api).not.toContain('Other')
})

test('what comes from another package is named with it', () => {
  expect(apiOf(files("export { eq, useLiveQuery as use } from '@tanstack/react-db';"))).toBe(
    "export { eq } from '@tanstack/react-db'\n\nexport { useLiveQuery as use } from '@tanstack/react-db'",
  )
})

test('a package without exports has an empty report', () => {
  expect(apiOf(files('export {};'))).toBe('')
})

import { expect, test } from 'vitest'
import { budgetOf, entryPoints, loadedAtOnce } from '../size.mjs'

test('a budget is the recorded size and a tenth of it', () => {
  expect([budgetOf(1000), budgetOf(1001), budgetOf(0)]).toEqual([1100, 1102, 0])
})

test('every entry point that is code has a budget of its own', () => {
  const manifest = {
    name: '@streamdb/db',
    exports: {
      '.': './src/index.ts',
      './testing': './src/testing/index.ts',
      './package.json': './package.json',
    },
  }
  expect(entryPoints({ path: 'packages/db', manifest })).toEqual([
    { name: '@streamdb/db', file: 'packages/db/dist/index.js' },
    { name: '@streamdb/db/testing', file: 'packages/db/dist/testing/index.js' },
  ])
})

test('what is imported when it is asked for is not counted', () => {
  const outputs = {
    'index.js': {
      imports: [
        { path: 'shared.js', kind: 'import-statement' },
        { path: 'lazy.js', kind: 'dynamic-import' },
        { path: '@tanstack/db', kind: 'import-statement', external: true },
      ],
    },
    'shared.js': { imports: [{ path: 'deep.js', kind: 'import-statement' }] },
    'deep.js': { imports: [] },
    'lazy.js': { imports: [] },
  }
  expect(loadedAtOnce(outputs, 'index.js')).toEqual(['index.js', 'shared.js', 'deep.js'])
})

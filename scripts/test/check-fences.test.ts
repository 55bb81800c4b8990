import { expect, test } from 'vitest'
import {
  chainTo,
  climbs,
  cycles,
  fenceProblems,
  importedBy,
  loadedBy,
  manifestProblems,
} from '../check-fences.mjs'

test('what only a type needs is not loaded', () => {
  const source = [
    "import type { A } from 'type-a'",
    "import type * as B from 'type-b'",
    "export type { C } from 'type-c'",
    "import 'side-effect'",
    "import d, { type D } from 'd'",
    "import {\n  e,\n  type E,\n} from 'e'",
    "import * as f from 'f'",
    "export { g } from 'g'",
    "export * from 'h'",
    "// import { no } from 'comment'",
    "/** import { no } from 'doc' */",
    "export const type = 'no'",
    "const i = await import('i')",
  ].join('\n')
  expect(loadedBy(source)).toEqual(['side-effect', 'd', 'e', 'f', 'g', 'h', 'i'])
})

test('a chain of imports is followed, and a cycle ends', () => {
  const files = new Map([
    ['db/src/reader.ts', "import { a } from './a.ts'"],
    ['db/src/a.ts', "import { b } from './b.ts'\nimport { c } from './reader.ts'"],
    ['db/src/b.ts', "import { Collection } from '@tanstack/db'"],
  ])
  expect(chainTo(files, 'db/src/reader.ts', '@tanstack/db')).toEqual([
    'db/src/reader.ts',
    'db/src/a.ts',
    'db/src/b.ts',
    '@tanstack/db',
  ])
  expect(chainTo(files, 'db/src/reader.ts', 'react')).toBeUndefined()
})

test('a reader that loads TanStack is told so, and why', () => {
  const files = new Map([['log/src/reader.ts', "import { eq } from '@tanstack/db'"]])
  expect(fenceProblems(files)).toEqual([
    expect.stringContaining('packages/log/src/reader.ts: loads @tanstack/db'),
  ])
  expect(
    fenceProblems(new Map([['log/src/reader.ts', "import type { Collection } from '@tanstack/db'"]])),
  ).toEqual([])
})

test('what sync loads through other files is told by the chain', () => {
  const files = new Map([
    ['db/src/sync/ingest.ts', "import { a } from '../collections/helpers.ts'"],
    ['db/src/collections/helpers.ts', "import { eq } from '@tanstack/db'"],
  ])
  expect(fenceProblems(files)).toEqual([
    expect.stringContaining('db/src/sync/ingest.ts -> db/src/collections/helpers.ts -> @tanstack/db'),
  ])
})

test('an import without its ending, and an `export *`, are refused', () => {
  const files = new Map([
    ['state/src/index.ts', "export * from './fold.ts'\nexport { decode } from './decode'"],
  ])
  expect(fenceProblems(files)).toEqual([
    expect.stringContaining('imports ./decode: a relative import ends in .ts'),
    expect.stringContaining('has an `export *`'),
  ])
})

test('nothing that is published depends on what is not', () => {
  const testkit = { name: '@streamdb/testkit', private: true }
  const db = { name: '@streamdb/db', dependencies: { '@streamdb/testkit': 'workspace:*' } }
  const react = { name: '@streamdb/react', devDependencies: { '@streamdb/testkit': 'workspace:*' } }
  expect(manifestProblems([testkit, db, react])).toEqual([
    expect.stringContaining('@streamdb/db: depends on'),
  ])
})

test('types count as imports', () => {
  expect(
    importedBy("import type { A } from './a.ts'\nexport type { B } from './b.ts'\nimport './c.ts'"),
  ).toEqual(['./a.ts', './b.ts', './c.ts'])
})

test('a cycle is found, of types alone too', () => {
  const files = new Map([
    ['db/src/a.ts', "import type { B } from './b.ts'"],
    ['db/src/b.ts', "import type { C } from './c.ts'"],
    ['db/src/c.ts', "import type { B } from './b.ts'"],
  ])
  expect(cycles(files)).toEqual([['db/src/b.ts', 'db/src/c.ts', 'db/src/b.ts']])
  expect(fenceProblems(files)).toEqual([expect.stringContaining('is in a cycle of imports')])
})

test('an import of a higher layer is found', () => {
  const files = new Map([
    ['db/src/database.ts', "import { a } from './sync/a.ts'"],
    ['db/src/sync/a.ts', "import { b } from '../collections/b.ts'\nimport { other } from '../other.ts'"],
    ['db/src/collections/b.ts', "import type { A } from '../sync/a.ts'"],
  ])
  expect(climbs(files)).toEqual([['db/src/collections/b.ts', 'db/src/sync/a.ts']])
})

test('only collections/ imports TanStack itself', () => {
  const source = "import { createTransaction } from '@tanstack/db'"
  expect(fenceProblems(new Map([['db/src/writes/write-queue.ts', source]]))).toEqual([
    expect.stringContaining('db/src/writes/write-queue.ts: loads @tanstack/db'),
  ])
  expect(fenceProblems(new Map([['db/src/collections/create.ts', source]]))).toEqual([])
})

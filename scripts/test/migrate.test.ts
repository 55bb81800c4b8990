import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DurableStreamTestServer } from '@durable-streams/server'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { migrateFolder, migrateManifest, migrateSource } from '../migrate.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const app = join(root, 'scripts/test/fixtures/published-app')

/** Copies the application to where packages are found as `folder` has them; removed with the test. */
function copyApp(folder: string): string {
  const copy = mkdtempSync(join(root, folder, 'node_modules', '.published-app-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(app, copy, { recursive: true })
  return copy
}

/** Runs a command to its end; resolves with what it printed. */
function run(args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (text: Buffer) => (output += text.toString()))
    // What TanStack warns of is not compared.
    child.stderr.resume()
    child.on('close', (code) => resolve({ code, output }))
  })
}

/** Type-checks a copy of the application; returns what the compiler says. */
async function typesOf(copy: string): Promise<string> {
  const compilerOptions = {
    strict: true,
    target: 'ES2022',
    lib: ['ES2022', 'DOM', 'DOM.Iterable', 'ESNext.Disposable'],
    module: 'ESNext',
    moduleResolution: 'Bundler',
    jsx: 'react-jsx',
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    allowImportingTsExtensions: true,
  }
  const files = ['src/report.ts', 'src/orders.tsx', 'src/latest.ts']
  writeFileSync(join(copy, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  return (await run([join(root, 'node_modules/typescript/bin/tsc'), '-p', copy, '--pretty', 'false'])).output
}

/** Bundles and runs the application's program against a stream server of its own. */
async function report(copy: string): Promise<string> {
  await build({
    entryPoints: [join(copy, 'src/report.ts')],
    outfile: join(copy, 'report.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
  })
  const server = new DurableStreamTestServer({ port: 0 })
  onTestFinished(() => server.stop())
  const { code, output } = await run([join(copy, 'report.mjs'), `${await server.start()}/shop`])
  expect(code).toBe(0)
  return output
}

const lines = `line o2 ink Grace
total open 1
insert c1, upsert c2, insert o1, insert o2, update c1, delete o1
types customer order customers c1 c2
`

test('[F-moving-7] an application of the published layer runs with it', async () => {
  expect(await report(copyApp('bench'))).toBe(`orders 1 id stream-db:http://host/shop:orders\n${lines}`)
}, 60_000)

test('[F-moving-7] the codemod moves it here: it type-checks, and does the same', async () => {
  const copy = copyApp('examples/documentation')
  const { changed, notes } = migrateFolder(copy, { write: true })
  expect(changed.sort()).toEqual([
    'package.json',
    'src/db.ts',
    'src/mocks.ts',
    'src/orders.tsx',
    'src/report.ts',
    'src/schema.ts',
  ])
  for (const file of readdirSync(join(copy, 'src'))) {
    expect(readFileSync(join(copy, 'src', file), 'utf8')).not.toContain('@durable-streams/state')
  }
  expect(notes.map(({ file, advice }) => `${file}: ${advice}`)).toContainEqual(
    expect.stringMatching(/^src\/report\.ts: .*isPersisted/),
  )
  expect(await typesOf(copy)).toBe('')
  expect(await report(copy)).toBe(`orders 1 id stream-db:http://host/shop:orders\n${lines}`)
  // Run again, it finds nothing to do.
  expect(migrateFolder(copy, { write: true }).changed).toEqual([])
}, 120_000)

test('[F-moving-7] --check writes nothing', () => {
  const copy = copyApp('examples/documentation')
  expect(migrateFolder(copy, { write: false }).changed).toHaveLength(6)
  expect(readFileSync(join(copy, 'src/db.ts'), 'utf8')).toBe(readFileSync(join(app, 'src/db.ts'), 'utf8'))
})

test.each([
  ['a.ts', "import { createStateSchema } from '@durable-streams/state'", '@streamdb/state'],
  ['a.ts', "import { createStreamDB } from '@durable-streams/state'", '@streamdb/db'],
  ['a.ts', 'import {\n  MaterializedState,\n  eq,\n} from "@durable-streams/state"', '@streamdb/db'],
  ['a.ts', "import { eq } from '@durable-streams/state/db'", '@streamdb/db'],
  ['a.ts', "import type { ChangeEvent } from '@durable-streams/state/db'", '@streamdb/db'],
  ['a.ts', "export * from '@durable-streams/state/db'", '@streamdb/db'],
  ['a.cjs', "const { MaterializedState } = require('@durable-streams/state')", '@streamdb/state'],
  ['a.cjs', "const { createStreamDB } = require('@durable-streams/state')", '@streamdb/db'],
  ['a.ts', "const { createStreamDB } = await import('@durable-streams/state/db')", '@streamdb/db'],
  ['a.ts', "vi.mock('@durable-streams/state/db')", '@streamdb/db'],
  ['a.ts', "jest.mock('@durable-streams/state')", '@streamdb/state'],
  ['a.tsx', "import { eq } from '@durable-streams/state/db'", '@streamdb/react'],
  ['a.ts', "import { useLiveQuery } from '@tanstack/react-db'", '@streamdb/react'],
])('[F-moving-7] in %s, %s comes from %s', (file, text, expected) => {
  const migrated = migrateSource(file, text)
  expect(migrated.imports).toEqual([expected])
  expect(migrated.text).toContain(expected)
  expect(migrated.text).not.toMatch(/@durable-streams\/state|@tanstack\/react-db/)
  expect(migrated.text.length - text.length).toBe(
    expected.length - (/@durable-streams\/state(\/db)?|@tanstack\/react-db/.exec(text)?.[0].length ?? 0),
  )
})

test('[F-moving-7] what is no import of the published layer stays as it is', () => {
  for (const text of [
    "import { DurableStream } from '@durable-streams/client'",
    "import { createCollection } from '@tanstack/db'",
    "import { x } from '@durable-streams/state-tools'",
    "// see '@durable-streams/state' for more",
    "const name = '@durable-streams/state'",
  ]) {
    expect(migrateSource('a.ts', text)).toEqual({ text, imports: [], notes: [] })
  }
})

test('[F-moving-7] what cannot be rewritten is named with its line and what to do', () => {
  const text = [
    "import { createStreamDB } from '@durable-streams/state/db'",
    'rows.sort((a, b) => a._seq - b._seq)',
    'event.headers.txid = txid',
    "if (error.message.includes('Reserved')) throw error",
  ].join('\n')
  expect(migrateSource('a.ts', text).notes).toEqual([
    { line: 2, advice: expect.stringContaining('_seq') },
    { line: 3, advice: expect.stringContaining('read-only') },
    { line: 4, advice: expect.stringContaining('error.code') },
  ])
})

test('[F-moving-7] a package.json names what the sources import, and one version of @tanstack/db', () => {
  const manifest = {
    name: 'app',
    dependencies: {
      zod: '4',
      '@durable-streams/state': '0.3.1',
      '@tanstack/react-db': '0.1',
      '@tanstack/db': '0.6',
    },
    devDependencies: { vitest: '4' },
  }
  const migrated = migrateManifest(JSON.stringify(manifest), ['@streamdb/react'], {
    streamDB: '^1.0.0',
    tanstackDB: '0.15.1',
  })
  expect(JSON.parse(migrated)).toEqual({
    name: 'app',
    dependencies: { '@streamdb/react': '^1.0.0', '@tanstack/db': '0.15.1', zod: '4' },
    devDependencies: { vitest: '4' },
  })
  const other = '{ "dependencies": { "zod": "4" } }'
  expect(migrateManifest(other, [], { streamDB: '^1.0.0', tanstackDB: '0.15.1' })).toBe(other)
})

// @vitest-environment node
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as tanstack from '@tanstack/react-db'
import * as db from '@streamdb/db'
import { expect, onTestFinished, test } from 'vitest'
import * as react from '../src/index.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))
const published = join(root, 'bench/node_modules/@durable-streams/state/dist/')
const tsc = join(root, 'node_modules/typescript/bin/tsc')

/** Reads which names a bundled declaration file exports, types among them. */
function exportsOf(file: string): string[] {
  const lists = [...readFileSync(join(published, file), 'utf8').matchAll(/^export \{([^}]*)\}/gm)]
  return lists.flatMap(([, list = '']) =>
    list.split(',').map((name) => name.trim().split(' as ').at(-1) ?? ''),
  )
}

/** Compiles a program beside a package's sources, and returns the names of which the compiler says that they are not there. */
async function missingFrom(folder: string, names: readonly string[], from: string): Promise<string[]> {
  const temporary = mkdtempSync(join(root, folder, 'node_modules', '.published-exports-'))
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }))
  writeFileSync(
    join(temporary, 'program.ts'),
    `import type { ${names.map((name, index) => `${name} as _${index}`).join(', ')} } from '${from}'\nexport {}`,
  )
  writeFileSync(
    join(temporary, 'tsconfig.json'),
    '{ "extends": "../../tsconfig.json", "compilerOptions": { "noUnusedLocals": false }, "include": ["program.ts"] }',
  )
  const { stdout } = await run(process.execPath, [tsc, '-p', temporary, '--pretty', 'false']).catch(
    // It ends with 2 where it found something, and prints that.
    (error: { stdout: string }) => error,
  )
  expect(stdout.replaceAll(/^.*has no exported member.*$/gm, '').trim()).toBe('')
  return [...stdout.matchAll(/has no exported member(?: named)? '(\w+)'/g)].map(([, name = '']) => name)
}

test.each([
  ['packages/state', '../../src/index.ts', 'index.d.ts'],
  ['packages/db', '../../src/index.ts', 'db.d.ts'],
  ['packages/react', '../../src/index.ts', 'db.d.ts'],
])(
  '[F-moving-1] [F-moving-4] everything that the published layer exports is exported, types too: %s',
  async (folder, from, file) => {
    const names = exportsOf(file)
    expect(names).toContain('StreamStateDefinition')
    expect(await missingFrom(folder, names, from)).toEqual([])
  },
  60_000,
)

test('[F-moving-4] functions and classes of the published layer are ones here', async () => {
  // It is no dependency of this package.
  const state = (await import(join(root, 'packages/state/src/index.ts'))) as object
  for (const [file, ours] of [
    ['index.js', state],
    ['db.js', db],
    ['db.js', react],
  ] as const) {
    const theirs = (await import(join(published, file))) as Record<string, unknown>
    const missing = Object.keys(theirs).filter(
      (name) => typeof Reflect.get(ours, name) !== typeof theirs[name],
    )
    expect(missing).toEqual([])
  }
})

test('[F-moving-4] everything that @tanstack/react-db exports comes from @streamdb/react too', () => {
  expect(Object.keys(tanstack).filter((name) => !(name in react))).toEqual([])
  const own = Object.keys(tanstack).filter((name) => Reflect.get(react, name) !== Reflect.get(tanstack, name))
  // Ours, as they know the errors of a stream.
  expect(own.filter((name) => !/^useLive(Suspense)?Query$/.test(name))).toEqual([])
})

/** Reads which names the documentation that TanStack ships imports from its packages. */
function documentedImports(): string[] {
  const packages = ['db', 'react-db'].map((name) => join(root, 'packages/react/node_modules/@tanstack', name))
  const pages = packages.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
      .map((file) => readFileSync(join(folder, file), 'utf8')),
  )
  const lists = pages.flatMap((page) => [
    ...page.matchAll(/import (?:type )?\{([^}]*)\} from ['"`]@tanstack\/(?:react-)?db['"`]/g),
  ])
  const names = lists.flatMap(([, list = '']) => list.replaceAll(/\/\/.*$/gm, '').split(','))
  return [
    ...new Set(
      names.map(
        (name) =>
          name
            .trim()
            .replace(/^type /, '')
            .split(' as ')[0] ?? '',
      ),
    ),
  ].filter(Boolean)
}

test("[F-moving-4] everything that TanStack's documentation imports comes from @streamdb/react, types too", async () => {
  const names = documentedImports()
  expect(names.length).toBeGreaterThan(40)
  const others = [
    'UseLiveInfiniteQueryConfig',
    'UseLiveQueryConfig',
    'collectionOptions',
    'createPacedMutations',
  ]
  const all = [...names, ...others]
  // Some pages import what TanStack does not export there.
  const wrong = await missingFrom('packages/react', all, '@tanstack/react-db')
  expect(wrong.length).toBeLessThan(3)
  expect(await missingFrom('packages/react', all, '../../src/index.ts')).toEqual(wrong)
}, 60_000)

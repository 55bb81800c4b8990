import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineProject } from 'vitest/config'

/** A browser test starts a real Chromium: `npm run test:browser`. */
const browser = '**/*.browser.test.{ts,tsx}'

/** A slow test loads much, runs for long or restarts servers: `npm run test:slow`. */
const slow = '**/*.slow.test.{ts,tsx}'

const exclude = [browser, slow, '**/node_modules/**']

/**
 * What the projects of `npm test` have in common. Their files share processes, and load the modules once in each: to load
 * them for every file anew took a third of the time.
 */
const common = {
  exclude,
  isolate: false,
  setupFiles: [fileURLToPath(new URL('scripts/vitest-restore.mjs', import.meta.url))],
  // A test takes a fraction of this; a busy machine is no failure.
  testTimeout: 30_000,
}

/** All servers of examples that a run starts share what they build. */
const globalSetup = './examples/shared/test/one-build.ts'

/** The test projects. `vitest.config.ts` imports them: Vitest 4 does not read this file by itself. */
export default [
  node('state', './packages/state'),
  node('log', './packages/log'),
  node('db', './packages/db', 'node', tanstackDB()),
  defineProject({
    plugins: [onDemand()],
    test: {
      name: 'db-on-demand',
      env: { SYNC_MODE: 'on-demand' },
      root: './packages/db',
      ...common,
      include: ['test/*.test.ts'],
      // Nothing new to see: the reader alone, a pure function, programs that are bundled without `create.ts`'s stand-in.
      exclude: [...exclude, 'test/on-demand*', 'test/{network,connectivity,chunks,adapters}.test.ts'],
    },
  }),
  node('react', './packages/react', 'jsdom'),
  defineProject({
    resolve: {
      alias: react18('react', 'react-dom', '@testing-library/react', '@tanstack/react-db/dist/esm/index.js'),
    },
    test: {
      name: 'react-18',
      env: { REACT: '18' },
      root: './packages/react',
      environment: 'jsdom',
      include: ['test/**/*.test.{ts,tsx}'],
      ...common,
    },
  }),
  defineProject({
    resolve: {
      alias: react18('react', 'react-dom', '@testing-library/react', '@tanstack/react-db/dist/esm/index.js'),
    },
    test: {
      name: 'session-react-18',
      env: { REACT: '18' },
      root: './packages/session',
      include: ['test/react/**/*.test.{ts,tsx}'],
      ...common,
    },
  }),
  node('persist', './packages/persist'),
  node('server', './packages/server'),
  node('session', './packages/session'),
  node('testkit', './packages/testkit'),
  node('testing', './packages/testing'),
  node('cli', './packages/cli'),
  node('devtools', './packages/devtools', 'jsdom'),
  node('create-streamdb', './packages/create-streamdb'),
  defineProject({
    test: {
      name: 'examples',
      root: './examples',
      include: ['*/test/**/*.test.{ts,tsx}'],
      ...common,
    },
  }),
  node('scripts', './scripts'),
  defineProject({
    test: {
      name: 'slow-examples',
      globalSetup,
      // They start servers and wait for them, and measure nothing: side by side, before the others.
      include: ['examples/*/test/**/*.slow.test.{ts,tsx}'],
      testTimeout: 180_000,
      hookTimeout: 60_000,
    },
  }),
  defineProject({
    test: {
      name: 'slow',
      globalSetup,
      include: ['packages/*/test/**/*.slow.test.{ts,tsx}', 'scripts/test/**/*.slow.test.ts'],
      testTimeout: 180_000,
      hookTimeout: 60_000,
      // They measure memory and time: one at a time.
      fileParallelism: false,
    },
  }),
  defineProject({
    test: {
      name: 'browser',
      include: ['{examples,packages}/*/test/**/*.browser.test.{ts,tsx}', 'docs/test/*.browser.test.ts'],
      globalSetup,
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // One Chromium at a time: two slow each other down to their time limits.
      fileParallelism: false,
    },
  }),
]

function node(name: string, root: string, environment = 'node', alias: Alias[] = []) {
  return defineProject({
    resolve: { alias },
    test: { name, root, environment, include: ['test/**/*.test.{ts,tsx}'], ...common },
  })
}

interface Alias {
  readonly find: RegExp
  readonly replacement: string
}

/** Points `@tanstack/db` to the version that `scripts/test-contract.mjs` has installed. */
function tanstackDB(): Alias[] {
  const folder = process.env['TANSTACK_DB_FOLDER']
  if (folder === undefined) return []
  return [{ find: /^@tanstack\/db$/, replacement: join(folder, 'dist/esm/index.js') }]
}

/** Makes every collection one that is loaded on demand: the laws hold there too (packages/db/test/on-demand/create.ts). */
function onDemand() {
  const stand = fileURLToPath(new URL('packages/db/test/on-demand/create.ts', import.meta.url))
  return {
    name: 'on-demand',
    enforce: 'pre' as const,
    resolveId(source: string, importer: string | undefined) {
      return importer !== stand && source.endsWith('/create.ts') ? stand : undefined
    },
  }
}

/** Points what imports React, or depends on it, to the older one. A path is taken as it is: `exports` are not read. */
function react18(...paths: string[]): { find: RegExp; replacement: string }[] {
  const folder = fileURLToPath(new URL('packages/react/test/react-18/node_modules/', import.meta.url))
  return paths.map((path) => {
    const [name] = path.split('/dist/')
    return { find: new RegExp(`^${name}(?=/|$)`), replacement: join(folder, path) }
  })
}

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineProject } from 'vitest/config'

/** What a browser test is called: it starts a real Chromium, so `npm test` leaves it out. */
const browser = '**/*.browser.test.{ts,tsx}'

/** The test projects. `vitest.config.ts` imports them: Vitest 4 does not read this file by itself. */
export default [
  node('state', './packages/state'),
  node('log', './packages/log'),
  node('db', './packages/db'),
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
      exclude: [browser],
    },
  }),
  node('testkit', './packages/testkit'),
  defineProject({
    test: {
      name: 'examples',
      root: './examples',
      include: ['*/test/**/*.test.{ts,tsx}'],
      exclude: [browser, '**/node_modules/**'],
    },
  }),
  node('scripts', './scripts'),
  defineProject({
    test: {
      name: 'browser',
      include: ['{examples,packages}/*/test/**/*.browser.test.{ts,tsx}'],
      testTimeout: 60_000,
      hookTimeout: 60_000,
      // Two Chromiums at a time make each other slow, and then flaky.
      fileParallelism: false,
    },
  }),
]

function node(name: string, root: string, environment = 'node') {
  return defineProject({
    test: { name, root, environment, include: ['test/**/*.test.{ts,tsx}'], exclude: [browser] },
  })
}

/** Points what imports React, or depends on it, to the older one. A path is taken as it is: `exports` are not read. */
function react18(...paths: string[]): { find: RegExp; replacement: string }[] {
  const folder = fileURLToPath(new URL('packages/react/test/react-18/node_modules/', import.meta.url))
  return paths.map((path) => {
    const [name] = path.split('/dist/')
    return { find: new RegExp(`^${name}(?=/|$)`), replacement: join(folder, path) }
  })
}

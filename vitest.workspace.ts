import { defineProject } from 'vitest/config'

/** What a browser test is called: it starts a real Chromium, so `npm test` leaves it out. */
const browser = '**/*.browser.test.{ts,tsx}'

/** The test projects. `vitest.config.ts` imports them: Vitest 4 does not read this file by itself. */
export default [
  node('state', './packages/state'),
  node('db', './packages/db'),
  node('react', './packages/react', 'jsdom'),
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

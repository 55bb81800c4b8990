import { defineProject } from 'vitest/config'

/** The test projects, one per package. `vitest.config.ts` imports them: Vitest 4 does not read this file by itself. */
export default [
  defineProject({ test: { name: 'state', root: './packages/state', include: ['test/**/*.test.ts'] } }),
  defineProject({ test: { name: 'db', root: './packages/db', include: ['test/**/*.test.ts'] } }),
  defineProject({
    test: {
      name: 'react',
      root: './packages/react',
      environment: 'jsdom',
      include: ['test/**/*.test.{ts,tsx}'],
    },
  }),
  defineProject({ test: { name: 'testkit', root: './packages/testkit', include: ['test/**/*.test.ts'] } }),
]

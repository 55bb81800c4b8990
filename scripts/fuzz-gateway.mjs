// Attacks the write gateway: npm run fuzz:gateway -- [MINUTES] [SEED]. Not in CI, whose tests have a short version. It bundles
// the sources first, as Node 20 loads no TypeScript.

import { join } from 'node:path'
import { build } from 'esbuild'
import { root, run } from './workspace.mjs'

const source = (name) => join(root, 'packages', name, 'src/index.ts')
const outfile = join(root, 'packages/testing/dist-fuzz/main.js')

await build({
  entryPoints: [join(root, 'packages/server/fuzz/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Resolved from packages/testing, where they are installed.
  external: ['@durable-streams/*'],
  alias: {
    '@streamdb/log': source('log'),
    '@streamdb/state': source('state'),
    '@streamdb/testkit': join(root, 'packages/testing/src/index.ts'),
  },
})
const passed = run(process.execPath, ['--expose-gc', outfile, ...process.argv.slice(2)], {
  env: { ...process.env, NODE_ENV: 'production' },
})
if (!passed) process.exitCode = 1

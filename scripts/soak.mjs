// Runs the soak: npm run soak -- [MINUTES] [SEED]. Not in CI. It bundles the sources first, as Node 20 loads no TypeScript.

import { join } from 'node:path'
import { build } from 'esbuild'
import { root, run } from './workspace.mjs'

const source = (name) => join(root, 'packages', name, 'src/index.ts')
const outdir = join(root, 'packages/db/dist-soak')

await build({
  entryPoints: ['soak', 'world', 'server'].map((name) => join(root, `packages/db/soak/${name}.ts`)),
  outdir,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Resolved from packages/db, where they are installed.
  external: ['@durable-streams/*', '@tanstack/db', 'fast-check', 'zod'],
  alias: { '@streamdb/state': source('state'), '@streamdb/testkit': source('testkit') },
})
const passed = run(process.execPath, ['--expose-gc', join(outdir, 'soak.js'), ...process.argv.slice(2)], {
  env: { ...process.env, NODE_ENV: 'production' },
})
if (!passed) process.exitCode = 1

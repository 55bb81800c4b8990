// Bundles the sources of our packages into bench/dist, as Node 20 loads no TypeScript: what is measured is what is built
// from this very checkout. What they import from others stays outside, so that all subjects share one copy of it.

import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

export function build() {
  return bundle({
    entryPoints: {
      db: path('../packages/db/src/index.ts'),
      // Inside the database: for the micro-benchmarks of the hot path.
      intake: path('../packages/db/src/sync/ingest.ts'),
      commit: path('../packages/db/src/collections/apply.ts'),
      'json-items': path('../packages/log/src/json-array-parser.ts'),
      'merge-events': path('../packages/log/src/sse-coalescer.ts'),
      state: path('../packages/state/src/index.ts'),
    },
    outdir: path('dist'),
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['@durable-streams/*', '@tanstack/db'],
    alias: { '@streamdb/state': path('../packages/state/src/index.ts') },
    logLevel: 'warning',
  })
}

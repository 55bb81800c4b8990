// Bundles the sources of our packages into bench/dist, as Node 20 loads no TypeScript: what is measured is what is built
// from this very checkout. What they import from others stays outside, so that all subjects share one copy of it.

import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))

/** Bundles this checkout; and the database of another one, whose folder is `against`, as `dist/before.js`. */
export async function build(against) {
  await bundle({
    ...settings,
    entryPoints: {
      db: path('../packages/db/src/index.ts'),
      // Inside the database: for the micro-benchmarks of the hot path.
      ingest: path('../packages/db/src/sync/ingest.ts'),
      apply: path('../packages/db/src/collections/apply.ts'),
      publication: path('../packages/db/src/collections/publication.ts'),
      'json-items': path('../packages/log/src/json-array-parser.ts'),
      'merge-events': path('../packages/log/src/sse-coalescer.ts'),
      state: path('../packages/state/src/index.ts'),
      log: path('../packages/log/src/index.ts'),
      'log-history': path('../packages/log/src/history/index.ts'),
      persist: path('../packages/persist/src/index.ts'),
      'persist-node': path('../packages/persist/src/node/index.ts'),
      server: path('../packages/server/src/index.ts'),
      session: path('../packages/session/src/index.ts'),
    },
    splitting: true,
    alias: aliasesIn(path('..')),
  })
  if (against === undefined) return
  await bundle({
    ...settings,
    entryPoints: { before: join(against, 'packages/db/src/index.ts') },
    alias: aliasesIn(against),
  })
}

const settings = {
  outdir: path('dist'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['@durable-streams/*', '@tanstack/db'],
  logLevel: 'warning',
}

function aliasesIn(checkout) {
  return {
    '@streamdb/state': join(checkout, 'packages/state/src/index.ts'),
    '@streamdb/log/history': join(checkout, 'packages/log/src/history/index.ts'),
    '@streamdb/log': join(checkout, 'packages/log/src/index.ts'),
    '@streamdb/db': join(checkout, 'packages/db/src/index.ts'),
  }
}

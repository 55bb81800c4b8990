// Measures what a package adds to an application: its own code, minified and gzipped. Fails over the budget.

import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build as bundle } from 'esbuild'
import { buildAll } from './build.mjs'
import { publicPackages, root } from './workspace.mjs'

/**
 * The budgets, in bytes: a kB is 1000 of them. A package without a budget fails.
 *
 * `db` was to be 6 kB and `react` 1.5 kB, of a database that reads and of a provider with two hooks. They are more than
 * that. In `react` it is the registry, Suspense and server rendering. In `db`, about: 7 kB for reading that survives
 * FAULTS.md, 5 for writes stored once, 2 for conflicts, undo and hydration; then 3 for first loads that hold no event loop
 * and bursts that are one batch (3.5 times the events a second, a fifth of the processor time under a window query), and
 * 1 for options that are checked and credentials refreshed one at a time. None of it is to grow unseen.
 */
const budgets = { state: 2500, log: 9000, db: 18_050, react: 2500 }

if (!buildAll()) process.exit(1)

const kB = (bytes) => `${(bytes / 1000).toFixed(2)} kB`.padStart(9)

for (const { folder, path, manifest } of publicPackages()) {
  const { outputFiles, metafile } = await bundle({
    entryPoints: [join(root, path, 'dist/index.js')],
    bundle: true,
    packages: 'external',
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  const minified = outputFiles[0].contents
  const gzipped = gzipSync(minified, { level: 9 }).length
  const budget = budgets[folder] ?? 0
  const verdict = gzipped <= budget ? 'within' : 'OVER'
  process.stdout.write(
    `${manifest.name.padEnd(18)} ${kB(minified.length)} minified  ${kB(gzipped)} gzipped  ${verdict} its ${kB(budget).trim()}\n`,
  )
  if (gzipped <= budget) continue
  process.exitCode = 1
  const [{ inputs }] = Object.values(metafile.outputs)
  const shares = Object.entries(inputs).map(([file, { bytesInOutput }]) => [basename(file), bytesInOutput])
  for (const [file, bytes] of shares.sort(([, a], [, b]) => b - a)) {
    process.stdout.write(`  ${file.padEnd(24)} ${kB(bytes)} minified\n`)
  }
}

// Measures what each entry point adds to an application: its own code, minified and gzipped. Fails over a budget.
//
// The budget of an entry point is its recorded size and a tenth of it. `npm run size -- --record` records the sizes of now
// in scripts/sizes.json: in a commit of its own, whose message says what users get for the bytes.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build as bundle } from 'esbuild'
import { buildAll } from './build.mjs'
import { isMain, publicPackages, root } from './workspace.mjs'

const recordFile = join(root, 'scripts/sizes.json')

/** The bytes that an entry point of `recorded` bytes may have. */
export function budgetOf(recorded) {
  return Math.ceil((recorded * 11) / 10)
}

/** Lists the entry points of a package that are code, as `{ name, file }`, where `file` is the built one. */
export function entryPoints({ path, manifest }) {
  return Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'string' && /\.tsx?$/.test(target))
    .map(([subpath, target]) => ({
      name: `${manifest.name}${subpath.slice(1)}`,
      file: `${path}/${target.replace(/^\.\/src\//, 'dist/').replace(/\.tsx?$/, '.js')}`,
    }))
}

/** Returns the outputs that an entry point loads at once: not what it imports when it is asked for. */
export function loadedAtOnce(outputs, entry) {
  const loaded = new Set([entry])
  for (const output of loaded)
    for (const { path, kind } of outputs[output]?.imports ?? [])
      if (kind === 'import-statement' && outputs[path] !== undefined) loaded.add(path)
  return [...loaded]
}

async function measure(file) {
  const { outputFiles, metafile } = await bundle({
    entryPoints: [join(root, file)],
    bundle: true,
    splitting: true,
    absWorkingDir: root,
    outdir: root,
    packages: 'external',
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'error',
  })
  const { outputs } = metafile
  const entry = Object.keys(outputs).find((output) => outputs[output].entryPoint === file)
  const loaded = loadedAtOnce(outputs, entry)
  const contents = Buffer.concat(
    loaded.map((output) => outputFiles.find(({ path }) => path === join(root, output)).contents),
  )
  const shares = loaded
    .flatMap((output) => Object.entries(outputs[output].inputs))
    .map(([input, { bytesInOutput }]) => [basename(input), bytesInOutput])
    .sort(([, a], [, b]) => b - a)
  return { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length, shares }
}

const kB = (bytes) => `${(bytes / 1000).toFixed(2)} kB`.padStart(9)

async function main(isRecording) {
  if (!(await buildAll())) return 1
  const recorded = existsSync(recordFile) ? JSON.parse(readFileSync(recordFile, 'utf8')) : {}
  const sizes = {}
  let isOver = false
  for (const { name, file } of publicPackages().flatMap(entryPoints)) {
    const { minified, gzipped, shares } = await measure(file)
    sizes[name] = gzipped
    const budget = isRecording ? budgetOf(gzipped) : budgetOf(recorded[name] ?? 0)
    const verdict = gzipped <= budget ? 'of' : 'OVER'
    process.stdout.write(
      `${name.padEnd(18)} ${kB(minified)} minified  ${kB(gzipped)} gzipped  ${verdict} ${kB(budget).trim()}\n`,
    )
    if (gzipped <= budget) continue
    isOver = true
    for (const [input, bytes] of shares) process.stdout.write(`  ${input.padEnd(24)} ${kB(bytes)} minified\n`)
  }
  if (isRecording) writeFileSync(recordFile, `${JSON.stringify(sizes, undefined, 2)}\n`)
  if (isOver) {
    process.stdout.write(
      'Where the bytes are worth it, record them in a commit of their own: npm run size -- --record\n',
    )
  }
  return isOver ? 1 : 0
}

if (isMain(import.meta.url)) process.exitCode = await main(process.argv.includes('--record'))

// node bench/sizes.mjs [--save FILE]: what each layer adds to an application that uses it, minified and gzipped.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build, version } from 'esbuild'
import { loadedAtOnce } from '../scripts/size.mjs'
import { markdown } from './lib/table.mjs'

const client = ['@durable-streams/client']
const tanstack = ['@tanstack/db', '@tanstack/db-ivm']
const react = ['react', 'react/jsx-runtime', '@tanstack/react-db']

const ours = `export { createStateSchema, createStreamDB } from '@streamdb/db'`
const published = `export { createStateSchema, createStreamDB } from '@durable-streams/state/db'`
const hooks = `export { useLiveQuery } from '@tanstack/react-db'`

const apps = [
  ['@streamdb/db: own code, with @streamdb/state', ours, [...client, ...tanstack]],
  ['… and the client', ours, tanstack],
  ['… and TanStack DB', ours, []],
  [
    '… and React, with @streamdb/react',
    `export { createStateSchema, createStreamDB, StreamDBProvider, useStreamDB, useLiveQuery } from '@streamdb/react'; export * as react from 'react'`,
    [],
  ],
  ['@streamdb/state: own code', `export { createStateSchema, MaterializedState } from '@streamdb/state'`, []],
  [
    '@streamdb/react: own code',
    `export * from '@streamdb/react'`,
    [...react, ...tanstack, ...client, '@streamdb/db'],
  ],
  ['@durable-streams/state: own code', published, [...client, ...tanstack]],
  ['… and the client', published, tanstack],
  ['… and TanStack DB', published, []],
  ['… and React', `${published}; ${hooks}; export * as react from 'react'`, []],
  [
    'ElectricSQL, with TanStack DB',
    `export { electricCollectionOptions } from '@tanstack/electric-db-collection'; export { createCollection } from '@tanstack/db'`,
    [],
  ],
  ['Replicache', `export { Replicache } from 'replicache'`, []],
  [
    'Yjs, with its WebSocket provider',
    `export { Doc } from 'yjs'; export { WebsocketProvider } from 'y-websocket'`,
    [],
  ],
]

const { values } = parseArgs({ options: { save: { type: 'string' } } })
const folder = fileURLToPath(new URL('.', import.meta.url))
const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`

const lines = []
for (const [title, contents, external] of apps) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: folder },
    absWorkingDir: folder,
    bundle: true,
    splitting: true,
    outdir: folder,
    external,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  })
  const { outputs } = metafile
  // What is loaded at once: a part that is loaded when it is asked for (`db.at`, `db.fork`) is a file of its own.
  const entry = Object.keys(outputs).find((output) => outputs[output].entryPoint !== undefined)
  const loaded = loadedAtOnce(outputs, entry)
  const minified = Buffer.concat(
    loaded.map((output) => outputFiles.find(({ path }) => path === join(folder, output)).contents),
  )
  // What no byte is left of is not in it.
  const holds = new Set()
  for (const [file, { bytesInOutput }] of loaded.flatMap((output) =>
    Object.entries(outputs[output].inputs),
  )) {
    if (bytesInOutput === 0 || file === '<stdin>') continue
    const manifest = manifestOf(join(folder, file))
    holds.add(`${manifest.name} ${manifest.version}`)
  }
  const gzipped = gzipSync(minified, { level: 9 })
  lines.push([title, kB(minified.length), kB(gzipped.length), [...holds].sort().join(', ')])
}

const text = `${markdown(['bundle', 'minified', 'gzipped', 'holds'], lines, (column) => column === 1 || column === 2)}

Bundled by esbuild ${version} for production, as ES2022; gzipped at level 9; a kB is 1000 bytes. React comes without \`react-dom\`. Parts
that are loaded when they are asked for (\`db.at\`, \`db.fork\`) are not counted. What runs live queries, the larger
part of TanStack DB, is in a bundle that makes one: here, those with React's \`useLiveQuery\`.
`
process.stdout.write(text)
if (values.save !== undefined) writeFileSync(values.save, text)

/** Returns the manifest of the package that a file belongs to: a nested one without a version is none. */
function manifestOf(file) {
  for (let at = dirname(file); at !== dirname(at); at = dirname(at)) {
    const path = join(at, 'package.json')
    if (!existsSync(path)) continue
    const manifest = JSON.parse(readFileSync(path, 'utf8'))
    if (manifest.name !== undefined && manifest.version !== undefined) return manifest
  }
  throw new Error(`${file} belongs to no package`)
}

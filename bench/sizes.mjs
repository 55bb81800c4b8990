// node bench/sizes.mjs: what each layer adds to an application that uses it, minified and gzipped.

import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const client = ['@durable-streams/client']
const tanstack = ['@tanstack/db', '@tanstack/db-ivm']
const react = ['react', 'react/jsx-runtime', '@tanstack/react-db']

const ours = `export { createStateSchema, createStreamDB } from '@streamdb/db'`
const published = `export { createStateSchema, createStreamDB } from '@durable-streams/state/db'`
const hooks = `export { useLiveQuery } from '@tanstack/react-db'`

const apps = [
  ['@streamdb/db: own code', ours, [...client, ...tanstack]],
  ['  with the client', ours, tanstack],
  ['  with the client and TanStack DB', ours, []],
  [
    '  with these and React (@streamdb/react)',
    `export { createStateSchema, createStreamDB, StreamDBProvider, useStreamDB, useLiveQuery } from '@streamdb/react'; export * as react from 'react'`,
    [],
  ],
  ['@streamdb/state: own code', `export { createStateSchema, MaterializedState } from '@streamdb/state'`, []],
  [
    '@streamdb/react: own code',
    `export * from '@streamdb/react'`,
    [...react, ...tanstack, ...client, '@streamdb/db'],
  ],
  ['@durable-streams/state 0.3.1: own code', published, [...client, ...tanstack]],
  ['  with the client', published, tanstack],
  ['  with the client and TanStack DB', published, []],
  ['  with these and React', `${published}; ${hooks}; export * as react from 'react'`, []],
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

const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9)

process.stdout.write('| bundle | minified | gzipped |\n| --- | ---: | ---: |\n')
for (const [title, contents, external] of apps) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    external,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    write: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  })
  const [{ contents: minified }] = outputFiles
  const gzipped = gzipSync(minified, { level: 9 }).length
  process.stdout.write(`| ${title.padEnd(42)} | ${kB(minified.length)} | ${kB(gzipped)} |\n`)
}

// Serves one shared list in Vue, Svelte and Solid: npm start -- [--port NUMBER] [--data PATH]

import {
  invocationFolder,
  readCommandLine,
  runUntilStopped,
  serveExample,
} from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const name = 'streamdb-frameworks'
const root = fileURLToPath(new URL('.', import.meta.url))
const stream = '/stream/list'

/**
 * Pages read the list and append to it. It is neither deleted nor closed.
 * @type {readonly import('@streamdb/example-shared/server').StreamRule[]}
 */
const rules = [
  {
    ...{ folder: '/stream/', name: /^list$/, methods: ['GET', 'HEAD', 'POST'], isFile: false },
    ...{ contentTypes: ['application/json'], maxRequestBytes: 64 * 1024, maxStreamBytes: 8 * 1024 * 1024 },
    closable: false,
  },
]

await runUntilStopped(async (signal) => {
  const known = /** @type {const} */ ({ port: 'NUMBER', data: 'PATH', home: 'URL' })
  const folder = invocationFolder(process.env, process.cwd())
  const { port, data = join(root, '.data'), home } = readCommandLine(known, process.argv.slice(2), folder)
  await serveExample({
    ...{ label: 'StreamDB frameworks', root, usualPort: 4640 },
    port: port === undefined ? undefined : Number(port),
    ...{ folder: data, streamsFolder: join(data, 'streams'), rules, prepare: createList },
    identity: { document: '/frameworks.json', name, description: 'This list is open' },
    documents: { '/frameworks.json': async () => ({ name, stream, home }) },
    run: async () => {
      if (!signal.aborted) await once(signal, 'abort')
    },
  })
})

/** @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams */
async function createList(streams) {
  if ((await streams.fetch({ method: 'HEAD', path: stream })).ok) return
  const items = ['Bread', 'Milk', 'Apples'].map((text, index) => ({
    ...{ type: 'item', key: `0-${index}`, headers: { operation: 'insert' } },
    value: { id: `0-${index}`, text, isDone: index === 0, from: 'Server' },
  }))
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(items)
  const { ok, status } = await streams.fetch({ method: 'PUT', path: stream, headers, body })
  if (!ok) throw new Error(`PUT ${stream} failed with ${status}`)
}

// Runs background jobs in a pool of processes: npm start -- [--roots PATH,PATH] [--workers NUMBER] [--pace NUMBER]
// [--lease NUMBER] [--port NUMBER] [--data PATH]

import {
  buildProgram,
  invocationFolder,
  runUntilStopped,
  serveExample,
} from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from './server/options.mjs'
import { serveOutput } from './server/output.mjs'
import { copyRows, Pool } from './server/pool.mjs'
import { openStream } from './server/stream-name.mjs'
import { streamRules } from './server/stream-rules.mjs'
import { workerIds } from './server/worker-ids.mjs'

const name = 'streamdb-jobs'
const root = fileURLToPath(new URL('.', import.meta.url))
/** So many finished jobs are kept. */
const keep = 200

await runUntilStopped(async (signal) => {
  const { port, data, roots, workers, pace, lease, home } = readOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
  )
  const output = join(data, 'output')
  await mkdir(output, { recursive: true })
  let stream = ''
  /** @type {Pool | undefined} */
  let pool
  /** @type {readonly (readonly [string, (pool: Pool, id: string) => Promise<void>])[]} */
  const verbs = [
    ['start', async (open, id) => open.start(id)],
    ['kill', async (open, id) => open.kill(id)],
    ['freeze', async (open, id) => open.freeze(id)],
    ['thaw', async (open, id) => open.thaw(id)],
  ]

  await serveExample({
    ...{ label: 'StreamDB jobs', root, port, usualPort: 4660 },
    ...{ folder: data, streamsFolder: join(data, 'streams'), rules: streamRules },
    identity: { document: '/jobs.json', name, description: 'These jobs are open' },
    documents: { '/jobs.json': async () => ({ name, stream, roots, workers: workerIds, lease, keep, home }) },
    commands: Object.fromEntries(
      workerIds.flatMap((id) =>
        verbs.map(([verb, act]) => [
          `/workers/${id}/${verb}`,
          async () => {
            if (pool !== undefined) await act(pool, id)
            return {}
          },
        ]),
      ),
    ),
    others: { '/output/': serveOutput(output) },
    prepare: async (streams) => {
      const built = await buildProgram(root, 'worker/main.ts')
      signal.addEventListener('abort', () => void built.remove())
      const { program } = built
      const { socketPath } = streams
      stream = await openStream(streams, data, async (from, to) =>
        copyRows(program, { socketPath, from, to }),
      )
      pool = new Pool(streams, { program, stream, roots, output, pace, lease, keep })
    },
    run: async () => {
      try {
        await pool?.open(workers)
        if (!signal.aborted) await once(signal, 'abort')
      } finally {
        await pool?.stop()
      }
    },
  })
})

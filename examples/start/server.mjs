// Lists the examples on a page, and runs them: npm start -- [--port NUMBER] [--data PATH] [--repo PATH] [--run chat,agents]
// The chat runs at once; every other example when it is opened.

import { invocationFolder, refuseWith, runUntilStopped, serveExample } from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Board, boardPath } from './server/board.mjs'
import { ExampleProcess } from './server/example-process.mjs'
import { examples } from './server/examples.mjs'
import { readOptions } from './server/options.mjs'

const name = 'streamdb-examples'

await runUntilStopped(async (signal) => {
  const { port, data, repo, run } = readOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
  )
  /** @type {Map<string, ExampleProcess>} */
  const processes = new Map()
  /** @type {Board | undefined} */
  let board

  try {
    await serveExample({
      ...{
        label: 'StreamDB examples',
        root: fileURLToPath(new URL('.', import.meta.url)),
        port,
        usualPort: 4600,
      },
      ...{ folder: data, streamsFolder: join(data, 'start') },
      rules: [
        {
          ...{ folder: '/stream/', name: /^examples$/, methods: ['GET', 'HEAD'], contentTypes: [] },
          ...{ maxRequestBytes: 0, maxStreamBytes: 0, closable: false, isFile: false },
        },
      ],
      identity: { document: '/start.json', name, description: 'The examples are open' },
      documents: { '/start.json': async () => ({ name, stream: boardPath }) },
      commands: Object.fromEntries(
        examples.map(({ id }) => [
          `/stop/${id}`,
          async () => {
            await processes.get(id)?.stop()
            return {}
          },
        ]),
      ),
      others: { '/open/': open },
      prepare: async (streams) => {
        board = new Board(streams)
        await board.create()
      },
      run: async (home) => {
        for (const { id } of examples) {
          const options = ['--data', join(data, id), '--home', home]
          if (id === 'history' && repo !== undefined) options.push('--repo', repo)
          processes.set(id, new ExampleProcess(id, options, (state) => board?.put(id, state)))
        }
        // One after the other: all build their pages, and at once each would be ready later.
        for (const id of run) {
          if (!signal.aborted) await Promise.race([processes.get(id)?.start(), once(signal, 'abort')])
        }
        if (!signal.aborted) await once(signal, 'abort')
        // While their stream is still there.
        await board?.close()
      },
    })
  } finally {
    // Not waited for: with this process each of them loses its channel, and ends by that too.
    for (const process of processes.values()) void process.stop()
  }

  /**
   * Starts the example that the path names, and leads to its page.
   * @type {import('@streamdb/example-shared/server').Answer}
   */
  async function open(request, response, { path }) {
    const process = processes.get(path.slice('/open/'.length))
    if (process === undefined)
      return refuseWith(request, response, { status: 404, text: 'There is no such example.' })
    if (request.method !== 'GET')
      return refuseWith(request, response, {
        status: 405,
        text: `Expected GET but received ${request.method}.`,
        headers: { allow: 'GET' },
      })
    const state = await process.start()
    if (state.name === 'open') {
      response.writeHead(302, { location: state.url, 'cache-control': 'no-store' })
      response.end()
      return
    }
    const why = state.name === 'failed' ? state.error : 'It was stopped.'
    refuseWith(request, response, { status: 503, text: `This example does not run. ${why}` })
  }
})

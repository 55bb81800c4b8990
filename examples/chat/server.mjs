// Runs a chat, and the history of a repository and sessions of agents beside it:
// npm start -- [--port NUMBER] [--data PATH] [--repo PATH] [--beside history,agents]

import { invocationFolder, people, runUntilStopped, serveExample } from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ExampleProcess } from './server/example-process.mjs'
import { files } from './server/files.mjs'
import { readOptions } from './server/options.mjs'
import { createRooms, rooms } from './server/rooms.mjs'
import { streamRules } from './server/stream-rules.mjs'

const name = 'streamdb-chat'

await runUntilStopped(async (signal) => {
  const { port, data, repo, beside } = readOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
  )
  const history = new ExampleProcess('history', [
    ...['--data', join(data, 'history')],
    ...(repo === undefined ? [] : ['--repo', repo]),
  ])
  const agents = new ExampleProcess('agents', ['--data', join(data, 'agents')])
  const others = /** @type {const} */ ([
    ['history', history],
    ['agents', agents],
  ])
  try {
    await serveExample({
      ...{
        label: 'StreamDB chat',
        root: fileURLToPath(new URL('.', import.meta.url)),
        port,
        usualPort: 4690,
      },
      ...{ folder: data, streamsFolder: join(data, 'rooms'), rules: streamRules, prepare: createRooms },
      identity: { document: '/chat.json', name, description: 'This chat is open' },
      documents: {
        '/chat.json': async () => {
          return { name, rooms, people, files, history: history.state, agents: agents.state }
        },
      },
      run: async (url) => {
        // One after the other: all build their pages, and at once each would be ready later.
        for (const [each, example] of others) {
          if (signal.aborted) break
          if (beside.includes(each)) await Promise.race([example.start(url), once(signal, 'abort')])
          else example.skip()
        }
        if (!signal.aborted) await once(signal, 'abort')
      },
    })
  } finally {
    for (const [, example] of others) example.stop()
  }
})

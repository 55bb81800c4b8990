// Runs a chat, and the history of a repository beside it: npm start -- [--port NUMBER] [--data PATH] [--repo PATH]

import { invocationFolder, runUntilStopped, serveExample } from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { files } from './server/files.mjs'
import { HistoryProcess } from './server/history-process.mjs'
import { readOptions } from './server/options.mjs'
import { people } from './server/people.mjs'
import { createRooms, rooms } from './server/rooms.mjs'
import { streamRules } from './server/stream-rules.mjs'

const name = 'streamdb-chat'

await runUntilStopped(async (signal) => {
  const { port, data, repo } = readOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
  )
  const history = new HistoryProcess(repo, join(data, 'history'))
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
      documents: { '/chat.json': async () => ({ name, rooms, people, files, history: history.state }) },
      run: async (url) => {
        // Started last: both build their pages, and at once the chat's would be ready later.
        history.start(url)
        if (!signal.aborted) await once(signal, 'abort')
      },
    })
  } finally {
    history.stop()
  }
})

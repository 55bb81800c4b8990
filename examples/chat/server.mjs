// Runs the chat: node server.mjs [--port NUMBER] [--data PATH]

import { invocationFolder, people, runUntilStopped, serveExample } from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { files } from './server/files.mjs'
import { readOptions } from './server/options.mjs'
import { createRooms, rooms } from './server/rooms.mjs'
import { streamRules } from './server/stream-rules.mjs'

const name = 'streamdb-chat'

await runUntilStopped(async (signal) => {
  const { port, data, home } = readOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
  )
  await serveExample({
    ...{ label: 'StreamDB chat', root: fileURLToPath(new URL('.', import.meta.url)), port, usualPort: 4690 },
    ...{ folder: data, streamsFolder: join(data, 'rooms'), rules: streamRules, prepare: createRooms },
    identity: { document: '/chat.json', name, description: 'This chat is open' },
    documents: { '/chat.json': async () => ({ name, rooms, people, files, home }) },
    run: async () => {
      if (!signal.aborted) await once(signal, 'abort')
    },
  })
})

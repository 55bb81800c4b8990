// Runs the chat: node server.mjs [--port NUMBER] [--data PATH]

import { invocationFolder, people, runUntilStopped, serveExample } from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compact } from './server/compaction.mjs'
import { files } from './server/files.mjs'
import { readOptions } from './server/options.mjs'
import { createRooms, rooms } from './server/rooms.mjs'
import { streamRules } from './server/stream-rules.mjs'

const name = 'streamdb-chat'
const root = fileURLToPath(new URL('.', import.meta.url))
/** How many milliseconds lie between two looks at whether a room needs a snapshot; tests wait less. */
const every = Number(process.env['CHAT_SNAPSHOTS_EVERY'] ?? 60_000)

await runUntilStopped(async (signal) => {
  const { port, data, home } = readOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
  )
  /** @type {import('@streamdb/example-shared/server').StreamServer | undefined} */
  let streams
  await serveExample({
    ...{ label: 'StreamDB chat', root, port, usualPort: 4690 },
    ...{ folder: data, streamsFolder: join(data, 'rooms'), rules: streamRules },
    identity: { document: '/chat.json', name, description: 'This chat is open' },
    documents: { '/chat.json': async () => ({ name, rooms, people, files, home }) },
    prepare: async (opened) => {
      streams = opened
      await createRooms(opened)
    },
    run: async () => {
      const compacting = streams && compact(streams, { root, every, signal })
      if (!signal.aborted) await once(signal, 'abort')
      await compacting
    },
  })
})

// Runs the chat: node server.mjs [--port NUMBER] [--data PATH] [--server URL | --engine NAME]

import {
  invocationFolder,
  openStreams,
  people,
  readStreamOptions,
  runUntilStopped,
  serveExample,
  signInCommands,
  Tokens,
} from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compact } from './server/compaction.mjs'
import { files } from './server/files.mjs'
import { openRoomGateway } from './server/room-gateway.mjs'
import { createRooms, rooms } from './server/rooms.mjs'
import { streamRules } from './server/stream-rules.mjs'

const name = 'streamdb-chat'
const root = fileURLToPath(new URL('.', import.meta.url))
/** How many milliseconds lie between two looks at whether a room needs a snapshot; tests wait less. */
const every = Number(process.env['CHAT_SNAPSHOTS_EVERY'] ?? 60_000)

await runUntilStopped(async (signal) => {
  const { port, data, home, ...where } = readStreamOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
    root,
  )
  /** @type {import('@streamdb/example-shared/server').StreamServer | undefined} */
  let streams
  /** @type {Tokens | undefined} */
  let tokens
  /** @type {Awaited<ReturnType<typeof openRoomGateway>> | undefined} */
  let gateway
  const rules = streamRules(
    async (request) => gateway?.(request) ?? new Response(null, { status: 503 }),
    (authorization) => tokens?.verify(authorization) !== undefined,
  )
  await serveExample({
    ...{ label: 'StreamDB chat', root, port, usualPort: 4690 },
    ...{ folder: data, streamsFolder: join(data, 'rooms'), rules },
    openStreams: (folder) => openStreams(where, folder),
    identity: { document: '/chat.json', name, description: 'This chat is open' },
    documents: { '/chat.json': async () => ({ name, rooms, people, files, home }) },
    commands: signInCommands(() => tokens, people),
    prepare: async (opened) => {
      streams = opened
      tokens = await Tokens.open(data)
      await createRooms(opened)
      gateway = await openRoomGateway(opened, tokens, root)
    },
    run: async () => {
      const compacting = streams && compact(streams, { root, every, signal })
      if (!signal.aborted) await once(signal, 'abort')
      await compacting
      gateway?.close()
    },
  })
})

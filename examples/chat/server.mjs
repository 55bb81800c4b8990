// Runs a chat, and the history of a repository beside it: npm start -- [--port NUMBER] [--data PATH] [--repo PATH]

import {
  claim,
  release,
  runUntilStopped,
  seeThatItIsFree,
  startPageServer,
  startStreamServer,
  typedIn,
} from '@streamdb/example-shared/server'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { guard } from './server/guard.mjs'
import { HistoryBeside } from './server/history-beside.mjs'
import { readOptions } from './server/options.mjs'
import { people } from './server/people.mjs'
import { openRooms, rooms } from './server/rooms.mjs'

const root = fileURLToPath(new URL('.', import.meta.url))

await runUntilStopped(run)

/**
 * Runs until `signal` says that it is enough.
 * @param {AbortSignal} signal
 */
async function run(signal) {
  const options = readOptions(process.argv.slice(2), typedIn(process.env, process.cwd()))
  const roomsFolder = join(options.data, 'rooms')
  await mkdir(roomsFolder, { recursive: true })
  await seeThatItIsFree(options.data, {
    document: '/chat.json',
    name: 'streamdb-chat',
    is: 'This chat is open',
  })

  const streams = await startStreamServer(roomsFolder)
  const history = new HistoryBeside(options.repo, join(options.data, 'history'))
  try {
    await openRooms(streams.url)
    const page = await startPageServer({
      ...{ root, port: options.port, usualPort: 4690, streamServer: streams.url, guard },
      answers: {
        '/chat.json': async () => ({ name: 'streamdb-chat', rooms, people, history: history.state }),
      },
    })
    try {
      await claim(options.data, page.url)
      process.stdout.write(`StreamDB chat: ${page.url}\n`)
      // Only now: the two would build their pages at once, and the chat's would come later.
      history.start()
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    } finally {
      page.stop()
    }
  } finally {
    history.stop()
    await streams.stop()
    await release(options.data)
  }
}

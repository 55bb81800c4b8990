// Shows what changes on Wikipedia now: npm start -- [--replay PATH] [--speed NUMBER] [--keep NUMBER]
// [--max-kib NUMBER] [--source URL] [--port NUMBER] [--data PATH]

import {
  buildProgram,
  invocationFolder,
  runUntilStopped,
  serveExample,
} from '@streamdb/example-shared/server'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from './server/options.mjs'
import { ReaderProcess } from './server/reader-process.mjs'
import { streamRules } from './server/stream-rules.mjs'

const name = 'streamdb-wikipedia'
const root = fileURLToPath(new URL('.', import.meta.url))
/** Changes a second, of a replay and of made-up changes. */
const speeds = [10, 50, 200, 500]

await runUntilStopped(async (signal) => {
  const { source, replay, speed, keep, maxBytes, port, data, home } = readOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
  )
  const file = join(data, 'streams.json')
  /** @type {import('@streamdb/example-shared/server').StreamServer | undefined} */
  let streams
  /** @type {ReaderProcess | undefined} */
  let reader
  const read = (/** @type {import('./server/reader-process.mjs').Mode} */ mode) => async () => {
    reader?.read(mode)
    return {}
  }

  await serveExample({
    ...{ label: 'StreamDB wikipedia', root, port, usualPort: 4650 },
    ...{ folder: data, streamsFolder: join(data, 'streams'), rules: streamRules },
    identity: { document: '/wikipedia.json', name, description: 'These changes are shown' },
    documents: {
      '/wikipedia.json': async () => {
        const { stream } = JSON.parse(await readFile(file, 'utf8'))
        return {
          home,
          name,
          stream,
          source,
          keep,
          speeds,
          ...(replay !== undefined && { replay: basename(replay) }),
        }
      },
    },
    commands: {
      '/source/live': read({ origin: 'live' }),
      ...Object.fromEntries(
        speeds.flatMap((each) => [
          [`/source/synthetic/${each}`, read({ origin: 'synthetic', speed: each })],
          ...(replay === undefined
            ? []
            : [[`/source/replay/${each}`, read({ origin: 'replay', speed: each })]]),
        ]),
      ),
    },
    prepare: async (opened) => {
      const built = await buildProgram(root, 'worker/main.ts')
      streams = opened
      reader = new ReaderProcess(
        {
          program: built.program,
          socketPath: streams.socketPath,
          file,
          url: source,
          recording: replay,
          keep,
          maxBytes,
        },
        replay === undefined ? { origin: 'live' } : { origin: 'replay', speed },
      )
      signal.addEventListener('abort', () => void built.remove())
      await reader.start()
    },
    run: async () => {
      try {
        if (!signal.aborted) await once(signal, 'abort')
      } finally {
        await reader?.stop()
      }
    },
  })
})

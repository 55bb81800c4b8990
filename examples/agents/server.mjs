// Runs sessions of people and agents: node server.mjs [--port NUMBER] [--data PATH] [--server URL | --engine NAME]

import {
  buildProgram,
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
import { AgentProcesses } from './server/agent-processes.mjs'
import { agents } from './server/agents.mjs'
import { CaretStamps } from './server/caret-stamps.mjs'
import { Documents } from './server/documents.mjs'
import { files } from './server/files.mjs'
import { createStreams } from './server/seed.mjs'
import { openSessionGateways } from './server/session-gateways.mjs'
import { streamRules } from './server/stream-rules.mjs'

const name = 'streamdb-agents'
const root = fileURLToPath(new URL('.', import.meta.url))

await runUntilStopped(async (signal) => {
  const { port, data, home, ...where } = readStreamOptions(
    process.argv.slice(2),
    invocationFolder(process.env, process.cwd()),
    root,
  )
  /** @type {import('@streamdb/example-shared/server').StreamServer | undefined} */
  let streams
  /** @type {Documents | undefined} */
  let documents
  /** @type {AgentProcesses | undefined} */
  let processes
  /** @type {Tokens | undefined} */
  let tokens
  /** @type {Awaited<ReturnType<typeof openSessionGateways>> | undefined} */
  let gateways
  const isSignedIn = (/** @type {string | undefined} */ authorization) =>
    tokens?.verify(authorization) !== undefined
  const starting = () => new Response(null, { status: 503 })
  const rules = streamRules(
    {
      sessions: async (request) => gateways?.sessions(request) ?? starting(),
      directory: async (request) => gateways?.directory(request) ?? starting(),
    },
    isSignedIn,
  )

  await serveExample({
    ...{ label: 'StreamDB agents', root, port, usualPort: 4670 },
    ...{ folder: data, streamsFolder: join(data, 'streams'), rules },
    openStreams: (folder) => openStreams(where, folder),
    identity: { document: '/agents.json', name, description: 'These sessions are open' },
    documents: { '/agents.json': async () => ({ name, people, agents, files, home }) },
    commands: {
      ...signInCommands(() => tokens, people),
      ...Object.fromEntries(
        agents.flatMap(({ id }) => [
          [`/agents/${id}/start`, async () => ({ done: await processes?.start(id) })],
          [`/agents/${id}/kill`, async () => ({ done: await processes?.kill(id) })],
        ]),
      ),
    },
    others: { '/v1/yjs/': async (...request) => documents?.answer(...request) },
    prepare: async (opened) => {
      streams = opened
      tokens = await Tokens.open(data)
      documents = await Documents.start(opened, {
        verify: (authorization) => tokens?.verify(authorization),
        accessOf: async (user, session) => gateways?.accessOf(user, session),
        carets: new CaretStamps((id) => [...people, ...agents].find((each) => each.id === id)?.name ?? id),
      })
      await createStreams(opened)
      gateways = await openSessionGateways(opened, tokens, root)
    },
    run: async (url) => {
      if (streams === undefined || tokens === undefined) return
      const built = await buildProgram(root, 'agents/main.ts')
      try {
        processes = new AgentProcesses(streams, { program: built.program, base: url, root, tokens })
        for (const { id } of agents) await processes.start(id)
        if (!signal.aborted) await once(signal, 'abort')
      } finally {
        await processes?.stop()
        documents?.stop()
        gateways?.sessions.close()
        gateways?.directory.close()
        await built.remove()
      }
    },
  })
})

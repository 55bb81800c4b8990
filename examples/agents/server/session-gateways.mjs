import { buildProgram, streamFetch, streamUrl } from '@streamdb/example-shared/server'
import { pathToFileURL } from 'node:url'
import { agents } from './agents.mjs'
import { limits } from './stream-rules.mjs'

/**
 * Builds the write gateways of the sessions and of the directory.
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'socketPath'>} streams
 * @param {import('@streamdb/example-shared/server').Tokens} tokens
 * @param {string} root The folder of the example.
 */
export async function openSessionGateways({ socketPath }, tokens, root) {
  const built = await buildProgram(root, 'gateway/session-gateway.ts')
  /** @type {typeof import('../gateway/session-gateway.ts')} */
  const { createSessionGateways } = await import(pathToFileURL(built.program).href)
  await built.remove()
  return createSessionGateways({
    ...{ upstream: streamUrl('/stream/'), fetch: streamFetch(socketPath), limits },
    agents: agents.map(({ id }) => id),
    verify: (authorization) => tokens.verify(authorization),
    onError: (error) => process.stderr.write(`The gateway of the sessions: ${error}\n`),
  })
}

import { buildProgram, streamFetch, streamUrl } from '@streamdb/example-shared/server'
import { pathToFileURL } from 'node:url'
import { limits } from './stream-rules.mjs'

/**
 * Builds the write gateway of the rooms.
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'socketPath'>} streams
 * @param {import('@streamdb/example-shared/server').Tokens} tokens
 * @param {string} root The folder of the example.
 */
export async function openRoomGateway({ socketPath }, tokens, root) {
  const built = await buildProgram(root, 'gateway/room-gateway.ts')
  /** @type {typeof import('../gateway/room-gateway.ts')} */
  const { createRoomGateway } = await import(pathToFileURL(built.program).href)
  await built.remove()
  return createRoomGateway({
    ...{ upstream: streamUrl('/stream/rooms/'), fetch: streamFetch(socketPath), limits },
    verify: (authorization) => tokens.verify(authorization),
    onError: (error) => process.stderr.write(`The gateway of the rooms: ${error}\n`),
  })
}

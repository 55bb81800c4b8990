import { archive, kitchen, lobby } from './seed-events.mjs'

/** Every room is a stream; `stream` is its path, which ends with its id. */
export const rooms = [
  { id: 'lobby', name: 'Lobby', about: 'Where everybody comes in', stream: '/stream/rooms/lobby' },
  { id: 'kitchen', name: 'Kitchen', about: 'Tea, pictures, small talk', stream: '/stream/rooms/kitchen' },
  { id: 'archive', name: 'Archive', about: 'Ten thousand messages', stream: '/stream/rooms/archive' },
]

/** @type {Readonly<Record<string, (now: number) => readonly object[]>>} */
const seeds = { lobby, kitchen, archive }

/**
 * Creates the rooms that do not exist yet, each with its first messages, in one request: no room is ever without them.
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
 */
export async function createRooms(streams) {
  for (const { id, stream: path } of rooms) {
    if ((await streams.fetch({ method: 'HEAD', path })).ok) continue
    const { ok, status, body } = await streams.fetch({
      ...{ method: 'PUT', path, headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(seeds[id]?.(Date.now()) ?? []),
    })
    if (!ok) throw new Error(`PUT ${path} failed with ${status}: ${body}`)
  }
}

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
 * Creates the rooms that do not exist yet, each with its first messages, in one request: no room is ever without them. The
 * index of a room's snapshots is there from the beginning, and says that there are none.
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
 */
export async function createRooms(streams) {
  for (const { id, stream } of rooms) {
    await create(streams, stream, () => seeds[id]?.(Date.now()) ?? [])
    await create(streams, `${stream}.snapshots`, () => [])
  }
}

/**
 * @param {Pick<import('@streamdb/example-shared/server').StreamServer, 'fetch'>} streams
 * @param {string} path
 * @param {() => readonly object[]} events
 */
async function create(streams, path, events) {
  if ((await streams.fetch({ method: 'HEAD', path })).ok) return
  const { ok, status, body } = await streams.fetch({
    ...{ method: 'PUT', path, headers: { 'content-type': 'application/json' } },
    body: JSON.stringify(events()),
  })
  if (!ok) throw new Error(`PUT ${path} failed with ${status}: ${body}`)
}

import { archive, kitchen, lobby } from './first-words.mjs'

/** Every room is a stream of its own; the page says the room's name, the stream's path ends with its id. */
export const rooms = [
  { id: 'lobby', name: 'Lobby', about: 'Where everybody comes in', stream: '/stream/rooms/lobby' },
  { id: 'kitchen', name: 'Kitchen', about: 'Tea, pictures, small talk', stream: '/stream/rooms/kitchen' },
  { id: 'archive', name: 'Archive', about: 'Ten thousand messages', stream: '/stream/rooms/archive' },
]

/** @type {Readonly<Record<string, (now: number) => readonly object[]>>} */
const firstWords = { lobby, kitchen, archive }

/**
 * Makes the rooms that are not there yet, each with its first words, in one request: there is no room without them.
 * @param {string} server The stream server's address.
 */
export async function openRooms(server) {
  for (const { id, stream } of rooms) {
    const url = server + stream
    if ((await fetch(url, { method: 'HEAD' })).ok) continue
    const response = await fetch(url, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(firstWords[id]?.(Date.now()) ?? []),
    })
    if (!response.ok) throw new Error(`PUT ${url} failed with ${response.status}: ${await response.text()}`)
  }
}

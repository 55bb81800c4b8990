import { decodeHash, useHash } from '@streamdb/example-shared/page'
import type { Chat } from './chat.ts'
import type { Room } from './room.ts'

/** What the page's address names after `#`. */
export type Route =
  { readonly name: 'room'; readonly room: Room } | { readonly name: 'unknown-room'; readonly id: string }

/** Returns the room that the address names; the first one where it names none. */
export function useRoute({ rooms }: Chat): Route {
  const hash = useHash()
  const room = hash === '' ? rooms[0] : rooms.find(({ id }) => id === hash)
  return room === undefined ? { name: 'unknown-room', id: decodeHash(hash) } : { name: 'room', room }
}

/** Returns the address of a room for a person. */
export function addressOf(roomId: string, personId: string): string {
  return `?as=${encodeURIComponent(personId)}#${roomId}`
}

import { useSyncExternalStore } from 'react'
import type { Chat } from './chat.ts'
import type { Room } from './room.ts'

/** What the page's address names after `#`. */
export type Route =
  { readonly name: 'room'; readonly room: Room } | { readonly name: 'unknown-room'; readonly id: string }

/** Returns the room that the address names; the first one where it names none. */
export function useRoute({ rooms }: Chat): Route {
  const hash = useSyncExternalStore(subscribe, () => location.hash.slice(1))
  const room = hash === '' ? rooms[0] : rooms.find(({ id }) => id === hash)
  return room === undefined ? { name: 'unknown-room', id: decode(hash) } : { name: 'room', room }
}

/** Returns the address of a room for a person. */
export function addressOf(roomId: string, personId: string): string {
  return `?as=${encodeURIComponent(personId)}#${roomId}`
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

/** People write what they like after `#`; not all of it can be decoded. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

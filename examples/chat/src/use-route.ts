import { useSyncExternalStore } from 'react'
import type { Chat } from './chat.ts'
import type { Room } from './room.ts'

/** Returns the room that the page's address names after `#`, or the first. */
export function useRoute({ rooms }: Chat): Room | undefined {
  const hash = useSyncExternalStore(subscribe, () => location.hash.slice(1))
  return rooms.find(({ id }) => id === hash) ?? rooms[0]
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

/** Returns the address of a room, as somebody sees it. */
export function addressOf(roomId: string, personId: string): string {
  return `?as=${personId}#${roomId}`
}

import { createContext, useContext } from 'react'
import type { Chat } from './chat.ts'
import type { Room } from './room.ts'

const ChatContext = createContext<Chat | undefined>(undefined)
const RoomContext = createContext<Room | undefined>(undefined)

/** Gives the chat to every component in it. */
export const ChatProvider = ChatContext.Provider

/** Gives the room that is shown to every component in it. */
export const RoomProvider = RoomContext.Provider

/** Returns the chat; throws outside a `ChatProvider`. */
export function useChat(): Chat {
  const chat = useContext(ChatContext)
  if (chat === undefined) throw new Error('useChat was called outside of ChatProvider')
  return chat
}

/** Returns the room that is shown; throws outside a `RoomProvider`. */
export function useRoom(): Room {
  const room = useContext(RoomContext)
  if (room === undefined) throw new Error('useRoom was called outside of RoomProvider')
  return room
}

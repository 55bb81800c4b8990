import { createContext, useContext } from 'react'
import type { Room } from './room.ts'
import type { Workplace } from './workplace.ts'

const WorkplaceContext = createContext<Workplace | undefined>(undefined)
const RoomContext = createContext<Room | undefined>(undefined)

export const WorkplaceProvider = WorkplaceContext.Provider
export const RoomProvider = RoomContext.Provider

export function useWorkplace(): Workplace {
  const workplace = useContext(WorkplaceContext)
  if (workplace === undefined) throw new Error('useWorkplace needs a WorkplaceProvider')
  return workplace
}

/** Returns the session that is open, and the branch of it that is shown. */
export function useRoom(): Room {
  const room = useContext(RoomContext)
  if (room === undefined) throw new Error('useRoom needs a RoomProvider')
  return room
}

/** Returns what somebody is called: a person, or an agent. */
export function useNameOf(): (id: string) => string {
  const { people, agents } = useWorkplace().description
  return (id) => [...people, ...agents].find((each) => each.id === id)?.name ?? id
}

import { useBranches, useSession } from '@streamdb/session/react'
import type { Session } from '@streamdb/session'
import type { YjsDocument } from '@streamdb/session/yjs'
import { createContext, useContext } from 'react'
import type { Workplace } from './workplace.ts'

const WorkplaceContext = createContext<Workplace | undefined>(undefined)
const SessionIdContext = createContext('')

export const WorkplaceProvider = WorkplaceContext.Provider
/** Gives the id of the session that is open, as the directory lists it. */
export const SessionIdProvider = SessionIdContext.Provider

export function useWorkplace(): Workplace {
  const workplace = useContext(WorkplaceContext)
  if (workplace === undefined) throw new Error('useWorkplace needs a WorkplaceProvider')
  return workplace
}

/** The session that is open, and the branch of it that is shown. */
export interface Room {
  readonly id: string
  readonly session: Session<Record<never, never>, YjsDocument>
  readonly branch: string
  readonly setBranch: (branch: string) => void
}

export function useRoom(): Room {
  const id = useContext(SessionIdContext)
  const session = useSession<Record<never, never>, YjsDocument>()
  const { branch, select } = useBranches()
  return { id, session, branch, setBranch: select }
}

/** Returns what somebody is called: a person, or an agent. */
export function useNameOf(): (id: string) => string {
  const { people, agents } = useWorkplace().description
  return (id) => [...people, ...agents].find((each) => each.id === id)?.name ?? id
}

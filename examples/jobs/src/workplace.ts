import { createContext, useContext } from 'react'
import { openDatabase } from './database.ts'
import { describe } from './description.ts'
import { createViews } from './views.ts'

/** What the page works with: the database, the views drawn from it, and what the server says of itself. */
export type Workplace = Awaited<ReturnType<typeof openWorkplace>>

/** Asks the server what there is, and starts to read the stream. */
export async function openWorkplace() {
  const description = await describe()
  const db = openDatabase(new URL(description.stream, location.href).href)
  return { description, db, views: createViews(db.collections) }
}

const WorkplaceContext = createContext<Workplace | undefined>(undefined)

/** Gives the workplace to every component in it. */
export const WorkplaceProvider = WorkplaceContext.Provider

/** Returns what the page works with; throws outside a `WorkplaceProvider`. */
export function useWorkplace(): Workplace {
  const workplace = useContext(WorkplaceContext)
  if (workplace === undefined) throw new Error('useWorkplace was called outside of WorkplaceProvider')
  return workplace
}

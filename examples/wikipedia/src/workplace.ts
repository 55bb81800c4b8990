import { createContext, useContext } from 'react'
import { openDatabase } from './database.ts'
import type { Database } from './database.ts'
import { describe } from './description.ts'
import type { Description } from './description.ts'

/** What the page begins with. */
export interface Workplace {
  readonly description: Description
  /** The database of the stream that was written when the page was opened; others may follow it. */
  readonly first: Database
}

/** Asks the server what there is, and starts to read the stream. */
export async function openWorkplace(): Promise<Workplace> {
  const description = await describe()
  const first = openDatabase(new URL(description.stream, location.href).href)
  // What goes wrong is the database's status, which the page shows.
  first.preload().catch(() => {})
  return { description, first }
}

const DescriptionContext = createContext<Description | undefined>(undefined)

/** Gives what the server says of itself to every component in it. */
export const DescriptionProvider = DescriptionContext.Provider

/** Returns what the server says of itself; throws outside a `DescriptionProvider`. */
export function useDescription(): Description {
  const description = useContext(DescriptionContext)
  if (description === undefined) throw new Error('useDescription was called outside of DescriptionProvider')
  return description
}

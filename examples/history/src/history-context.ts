import { createContext, useContext } from 'react'
import type { History } from './history.ts'

const HistoryContext = createContext<History | undefined>(undefined)

/** Gives a history to every component in it. */
export const HistoryProvider = HistoryContext.Provider

/** Returns the history that is shown; throws outside a `HistoryProvider`. */
export function useHistory(): History {
  const history = useContext(HistoryContext)
  if (history === undefined) throw new Error('useHistory was called outside of HistoryProvider')
  return history
}

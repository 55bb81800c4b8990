import { createContext, useContext } from 'react'
import type { Target } from './thread.tsx'

/** Goes to a message, as soon as it is shown. */
export type GoTo = (target: Target) => void

const GoToContext = createContext<GoTo>(() => undefined)

export const GoToProvider = GoToContext.Provider

export function useGoTo(): GoTo {
  return useContext(GoToContext)
}

import { createContext, useContext } from 'react'

/** Where to go: to a message; or, in another branch than `from`, to a button of what stands behind a message, or first. */
export type Target =
  | { readonly name: 'message'; readonly message: string }
  | {
      readonly name: 'version'
      readonly from: string
      readonly after: string | undefined
      readonly button: string
    }

/** Goes to a message, as soon as it is shown. */
export type GoTo = (target: Target) => void

const GoToContext = createContext<GoTo>(() => undefined)

export const GoToProvider = GoToContext.Provider

export function useGoTo(): GoTo {
  return useContext(GoToContext)
}

import { createContext, useContext } from 'react'

/** Does what may be refused; the conversation says why it was, until the next attempt. */
export type Attempt = (what: string, act: () => PromiseLike<unknown>) => void

const AttemptContext = createContext<Attempt | undefined>(undefined)

export const AttemptProvider = AttemptContext.Provider

export function useAttempt(): Attempt {
  const attempt = useContext(AttemptContext)
  if (attempt === undefined) throw new Error('useAttempt needs an AttemptProvider')
  return attempt
}

'use client'

import { createContext, useContext } from 'react'
import type { Context } from 'react'
import { mainBranch } from '../branches.ts'
import { SessionError } from '../errors.ts'
import type { AnySession } from './any-session.ts'

/** The branch that the components below a provider show, and what shows another one. */
export interface ShownBranch {
  readonly branch: string
  readonly select: (branch: string) => void
  /** Shows a branch that is being written; the one before again where that is refused, and it is still the one shown. */
  readonly showWritten: (branch: string, written: Promise<unknown>) => void
}

/** Holds the nearest provider's session. A context cannot be generic; `useSession` gives the type back. */
export const SessionContext: Context<AnySession | undefined> = createContext<AnySession | undefined>(
  undefined,
)

/** A context of its own: who reads the session alone does not render when another branch is shown. */
export const BranchContext: Context<ShownBranch> = createContext<ShownBranch>({
  branch: mainBranch,
  select: () => undefined,
  showWritten: () => undefined,
})

/** What every hook of a session takes. */
export interface SessionSource {
  /** Default: the nearest provider's. */
  readonly session?: AnySession | undefined
}

/** Returns `own` or, without it, the nearest provider's session, for the hook of that name. Throws where there is neither. */
export function useSessionOf(hook: string, own?: AnySession): AnySession {
  const provided = useContext(SessionContext)
  return own ?? provided ?? refuse(hook)
}

/** Throws the error of a hook that has no session. */
export function refuse(hook: string): never {
  throw new SessionError(
    'invalid-options',
    `${hook}: expected a session but received none, from its caller or a provider. ` +
      `Put <SessionProvider url={url} me={me}> around the component, or pass the session to the hook.`,
  )
}

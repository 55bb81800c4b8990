'use client'

import { useContext, useMemo, useSyncExternalStore } from 'react'
import type { AnySession } from './any-session.ts'
import type { SessionView, ViewOptions } from '../view.ts'
import { BranchContext, refuse, SessionContext } from './session-context.ts'
import type { SessionSource } from './session-context.ts'

/** Options of `useView`. The branch is, by default, the one that the provider shows. */
export interface UseViewOptions extends ViewOptions, SessionSource {}

/**
 * Returns a view of a branch for as long as the component is mounted: `loadOlder`, `loadUntil` and `hasOlder`. It renders
 * when `hasOlder` changes; its messages are `useMessages(view)`.
 *
 * Throws `invalid-options` where there is no session.
 */
export function useView(options: UseViewOptions = {}): SessionView {
  return useOptionalView(options) ?? refuse('useView')
}

/** The same; `undefined` where there is no session. */
export function useOptionalView({
  session: own,
  branch: named,
  limit,
}: UseViewOptions): SessionView | undefined {
  const provided = useContext(SessionContext)
  const shown = useContext(BranchContext)
  const session: AnySession | undefined = own ?? provided
  const branch = named ?? shown.branch
  const view = useMemo(() => session?.view({ branch, limit }), [session, branch, limit])
  const getHasOlder = (): boolean => view?.hasOlder ?? false
  useSyncExternalStore(view?.subscribe ?? subscribeNothing, getHasOlder, getHasOlder)
  return view
}

function subscribeNothing(): () => void {
  return () => undefined
}

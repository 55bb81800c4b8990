'use client'

import type { StateDefinition } from '@streamdb/db'
import { useContext, useEffect, useInsertionEffect, useMemo, useReducer, useRef } from 'react'
import type { Session } from '../session.ts'
import type { Me, SessionOptions } from '../session-options.ts'
import { refuse, SessionContext } from './session-context.ts'
import { acquireSession } from './shared-session.ts'

/**
 * Returns the session of the nearest `SessionProvider`; with collections of the application's own, as the type that it is
 * said to be: `useSession<typeof own>()`.
 *
 * Throws `invalid-options` where there is no provider.
 */
export function useSession<Own extends StateDefinition = Record<never, never>, Doc = unknown>(): Session<
  Own,
  Doc
>
/**
 * Opens a session while the component is mounted, and returns it at once: it reads from now on, and others see this device
 * from the mount on. It is closed a few seconds after the last component that uses it is gone.
 *
 * Components that give the same `url`, `state`, `me.id`, `device` and `deps` share one session. The options may be new in
 * every render: their functions are called in their newest form, and a new `me.name` is told to the
 * others. Another value of any other option makes no other session:
 * name in `deps` what it depends on. On a server it sends nothing: it shows what `db.hydrate` has, or nothing.
 *
 * Throws `invalid-options`.
 *
 * @example
 * ```tsx
 * const session = useSession({ url: `/sessions/${id}`, me: { id: user.id, name: user.name } })
 * return <SessionProvider session={session}><Messages /></SessionProvider>
 * ```
 */
export function useSession<Own extends StateDefinition = Record<never, never>, Doc = unknown>(
  options: SessionOptions<Own, Doc>,
  deps?: readonly unknown[],
): Session<Own, Doc>
export function useSession<Own extends StateDefinition, Doc>(
  options?: SessionOptions<Own, Doc>,
  deps: readonly unknown[] = [],
): Session<Own, Doc> {
  const provided = useContext(SessionContext)
  const own = useOpened(options, deps)
  // The caller of the first form says the type.
  return own ?? (provided as unknown as Session<Own, Doc> | undefined) ?? refuse('useSession')
}

/** Opens a session while the component is mounted; `undefined` without options. */
export function useOpened<Own extends StateDefinition, Doc>(
  options: SessionOptions<Own, Doc> | undefined,
  deps: readonly unknown[],
): Session<Own, Doc> | undefined {
  const [attempt, reopen] = useReducer((count: number) => count + 1, 0)
  // A caller without types may have forgotten `me`: that is said when the options are checked.
  const me = options?.me as { readonly id?: string } | undefined
  const keys = [options?.url, options?.state, options?.device, me?.id]
  // oxlint-disable-next-line react/exhaustive-deps -- the keys and deps tell sessions apart; the rest may be new in every render
  const shared = useMemo(() => options && acquireSession(options, deps), [attempt, ...keys, ...deps])
  // Before any effect of the page can make it send a request.
  useInsertionEffect(() => {
    if (options) shared?.follow(options)
  })
  useEffect(() => {
    if (shared === undefined) return undefined
    // The render took longer than its lease.
    if (shared.session.status.name === 'closed') return reopen()
    return shared.retain()
  }, [shared])
  useProfile(shared?.session, options?.me)
  return shared?.session
}

/** Follows a new name or avatar. Not the first: of components that share a session, the first one says who takes part. */
function useProfile(session: Pick<Session, 'updateMe'> | undefined, me: Me | undefined): void {
  const { name, avatar } = me ?? {}
  const before = useRef({ session, name, avatar })
  useEffect(() => {
    const last = before.current
    before.current = { session, name, avatar }
    if (session === undefined || last.session !== session) return
    if (last.name === name && last.avatar === avatar) return
    session.updateMe({ ...(name !== undefined && { name }), ...(avatar !== undefined && { avatar }) })
  }, [session, name, avatar])
}

'use client'

import type { StateDefinition } from '@streamdb/db'
import { StreamDBProvider } from '@streamdb/react'
import { createElement, useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { mainBranch } from '../branches.ts'
import type { Session } from '../session.ts'
import type { SessionOptions } from '../session-options.ts'
import type { AnySession } from './any-session.ts'
import { BranchContext, SessionContext } from './session-context.ts'
import { useOpened } from './use-session.ts'

/** What every `SessionProvider` takes. */
export interface SessionProviderBase {
  /** The branch that is shown, where the application keeps it (in the address, say). Default: the provider keeps it. */
  readonly branch?: string | undefined
  /** Called when a component below chooses a branch. */
  readonly onBranchChange?: ((branch: string) => void) | undefined
  readonly children?: ReactNode
}

/** A session that somebody else opened: whoever did closes it. */
export interface GivenSessionProps<
  Own extends StateDefinition = Record<never, never>,
  Doc = unknown,
> extends SessionProviderBase {
  readonly session: Session<Own, Doc>
}

/** A session that the provider opens, as `useSession(options, deps)` does. */
export interface OpenedSessionProps<Own extends StateDefinition = Record<never, never>, Doc = unknown>
  extends SessionProviderBase, SessionOptions<Own, Doc> {
  readonly session?: undefined
  readonly deps?: readonly unknown[] | undefined
}

/** Props of `SessionProvider`. */
export type SessionProviderProps<Own extends StateDefinition = Record<never, never>, Doc = unknown> =
  GivenSessionProps<Own, Doc> | OpenedSessionProps<Own, Doc>

/**
 * Gives a session to the components below it, and its database to the hooks of `@streamdb/react` (`useLiveQuery`,
 * `useStreamStatus`, `useConnectionLost`, `useStreamDB`). It also holds which branch they show.
 *
 * Throws `invalid-options`.
 *
 * @example
 * ```tsx
 * <SessionProvider url={`/sessions/${id}`} me={{ id: user.id, name: user.name }}>
 *   <Messages />
 * </SessionProvider>
 * ```
 */
export function SessionProvider<Own extends StateDefinition = Record<never, never>, Doc = unknown>(
  props: SessionProviderProps<Own, Doc>,
): ReactElement {
  const isGiven = props.session !== undefined
  const opened = useOpened(isGiven ? undefined : props, (isGiven ? undefined : props.deps) ?? noDeps)
  // One of the two is there. Whatever collections are beside them, those of a session are what they are.
  const session = (props.session ?? opened) as unknown as AnySession
  const { branch: given, onBranchChange, children } = props
  const [chosen, choose] = useState<{ readonly session: AnySession; readonly branch: string }>()
  // A branch is one of its session.
  const branch = given ?? (chosen?.session === session ? chosen.branch : mainBranch)
  const select = useCallback(
    (next: string) => {
      choose({ session, branch: next })
      onBranchChange?.(next)
    },
    [session, onBranchChange],
  )
  // As it is when a write is refused, not when the component was rendered that made it: that one may be gone.
  const current = useRef({ branch, select })
  useEffect(() => void (current.current = { branch, select }), [branch, select])
  const showWritten = useCallback(
    (next: string, written: Promise<unknown>) => {
      const before = current.current.branch
      select(next)
      written.catch(() => {
        if (current.current.branch === next) current.current.select(before)
      })
    },
    [select],
  )
  const shown = useMemo(() => ({ branch, select, showWritten }), [branch, select, showWritten])
  return createElement(
    StreamDBProvider,
    { db: session.db },
    createElement(
      SessionContext.Provider,
      { value: session },
      // oxlint-disable-next-line react/refs -- the ref is read when a write is refused, which is never while rendering
      createElement(BranchContext.Provider, { value: shown }, children),
    ),
  )
}

const noDeps: readonly unknown[] = []

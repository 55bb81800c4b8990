'use client'

import { useContext, useEffect, useSyncExternalStore } from 'react'
import type { Directory, DirectoryEntry } from '../directory.ts'
import { useSessionOf } from './session-context.ts'
import type { SessionSource } from './session-context.ts'
import { DirectoryContext, refuseDirectory } from './use-directory.ts'

/** Options of `useListedSession`. */
export interface UseListedSessionOptions extends SessionSource {
  /** Default: the nearest provider's. */
  readonly directory?: Directory | undefined
  /** Says that this participant has read it, while the page is visible. Default true. */
  readonly markRead?: boolean | undefined
}

/**
 * Keeps the entry of a session in a directory up to date while it is open here: its messages, who takes part, whether an agent
 * works. Returns the entry; `undefined` while the directory does not list it.
 *
 * Throws `invalid-options` where there is no session, or no directory.
 *
 * @example
 * ```tsx
 * const entry = useListedSession(id)
 * ```
 */
export function useListedSession(
  id: string,
  { directory: own, session: given, markRead = true }: UseListedSessionOptions = {},
): DirectoryEntry | undefined {
  const provided = useContext(DirectoryContext)
  const directory = own ?? provided ?? refuseDirectory('useListedSession')
  const session = useSessionOf('useListedSession', given)
  const entries = useSyncExternalStore(directory.subscribe, directory.get, directory.get)
  const isVisible = useSyncExternalStore(subscribeVisible, getVisible, () => false)
  const entry = entries.find((each) => each.id === id)
  const isListed = entry !== undefined
  useEffect(() => (isListed ? directory.follow(id, session) : undefined), [directory, id, isListed, session])
  const hasUnread = entry !== undefined && entry.unread > 0
  useEffect(() => {
    // Nobody has to handle its promise: the database reports what failed.
    if (markRead && isVisible && hasUnread) void directory.markRead(id)
  }, [directory, id, markRead, isVisible, hasUnread])
  return entry
}

function subscribeVisible(run: () => void): () => void {
  document.addEventListener('visibilitychange', run)
  return () => document.removeEventListener('visibilitychange', run)
}

function getVisible(): boolean {
  return document.visibilityState === 'visible'
}

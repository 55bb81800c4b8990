'use client'

import type { Status } from '@streamdb/db'
import { createContext, createElement, useContext, useEffect, useInsertionEffect } from 'react'
import { useMemo, useReducer, useSyncExternalStore } from 'react'
import type { Context, ReactElement, ReactNode } from 'react'
import type { Directory, DirectoryEntry, DirectoryOptions } from '../directory.ts'
import { SessionError } from '../errors.ts'
import { acquireDirectory } from './shared-directory.ts'

/** Holds the nearest provider's directory. */
export const DirectoryContext: Context<Directory | undefined> = createContext<Directory | undefined>(
  undefined,
)

/** Props of `DirectoryProvider`: a directory that somebody else opened, or the options of one that it opens. */
export type DirectoryProviderProps =
  | { readonly directory: Directory; readonly children?: ReactNode }
  | (DirectoryOptions & { readonly directory?: undefined; readonly children?: ReactNode })

/**
 * Gives a directory to `useDirectory()` below it.
 *
 * @example
 * ```tsx
 * <DirectoryProvider url="/directory" me={{ id: user.id }}>
 *   <SessionList />
 * </DirectoryProvider>
 * ```
 */
export function DirectoryProvider(props: DirectoryProviderProps): ReactElement {
  const opened = useOpened(props.directory === undefined ? props : undefined)
  return createElement(DirectoryContext.Provider, { value: props.directory ?? opened }, props.children)
}

/** A list of sessions, and what can be done with it. */
export interface DirectoryState {
  /** `create`, `rename`, `archive`, `delete`, `markRead` and `follow` are its methods. */
  readonly directory: Directory
  /** The sessions that are not archived, those with the latest activity first, each with what is `unread`. */
  readonly sessions: readonly DirectoryEntry[]
  readonly archived: readonly DirectoryEntry[]
  /** Nothing was read yet: an empty list is not the whole. */
  readonly isLoading: boolean
  readonly status: Status
}

/**
 * Returns the sessions of the nearest provider's directory or, with options, of one that is open while the component is
 * mounted; components that give the same `url`, `me.id` and `deps` share it. Renders when the list changes.
 *
 * On a server it is empty, or what `db.hydrate` has. Throws `invalid-options` where there are neither options nor a provider.
 *
 * @example
 * ```tsx
 * const { sessions, directory } = useDirectory()
 * return sessions.map(({ id, title, unread, isRunning }) => <Entry key={id} {...{ title, unread, isRunning }} />)
 * ```
 */
export function useDirectory(
  source?: Directory | DirectoryOptions,
  deps: readonly unknown[] = [],
): DirectoryState {
  const provided = useContext(DirectoryContext)
  const isGiven = source !== undefined && 'preload' in source
  const opened = useOpened(isGiven ? undefined : source, deps)
  const directory = (isGiven ? source : opened) ?? provided ?? refuseDirectory('useDirectory')
  const entries = useSyncExternalStore(directory.subscribe, directory.get, directory.get)
  const status = useSyncExternalStore(
    directory.db.subscribeStatus,
    () => directory.db.status,
    () => idle,
  )
  return useMemo(
    () => ({
      directory,
      sessions: entries.filter(({ archived }) => archived !== true),
      archived: entries.filter(({ archived }) => archived === true),
      isLoading: entries.length === 0 && beforeRead.includes(status.name),
      status,
    }),
    [directory, entries, status],
  )
}

const beforeRead: readonly Status['name'][] = ['idle', 'connecting', 'catching-up']
const idle: Status = { name: 'idle' }
const noDeps: readonly unknown[] = []

function useOpened(
  options: DirectoryOptions | undefined,
  deps: readonly unknown[] = noDeps,
): Directory | undefined {
  const [attempt, reopen] = useReducer((count: number) => count + 1, 0)
  const keys = [options?.url, options?.me.id]
  // oxlint-disable-next-line react/exhaustive-deps -- the keys and deps tell directories apart; the rest may be new in every render
  const shared = useMemo(() => options && acquireDirectory(options, deps), [attempt, ...keys, ...deps])
  useInsertionEffect(() => {
    if (options) shared?.follow(options)
  })
  useEffect(() => {
    if (shared === undefined) return undefined
    // The render took longer than its lease.
    if (shared.directory.db.status.name === 'closed') return reopen()
    return shared.retain()
  }, [shared])
  return shared?.directory
}

/** Throws the error of a hook that has no directory. */
export function refuseDirectory(hook: string): never {
  throw new SessionError(
    'invalid-options',
    `${hook}: expected a directory but received none, from its caller or a provider. ` +
      'Put <DirectoryProvider url={url} me={me}> around the component, or pass a directory to the hook.',
  )
}

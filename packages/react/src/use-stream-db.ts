'use client'

import { acquireCreated, acquireStreamDB, addOptions, createStreamDB, followOptions } from '@streamdb/db'
import type {
  ActionDefinitions,
  CreateStreamDBOptions,
  SharedDatabase,
  StateDefinition,
  StreamDB,
} from '@streamdb/db'
import { useEffect, useInsertionEffect, useMemo, useReducer, useRef } from 'react'
import { assertOneCopy, useDatabase } from './stream-db-provider.ts'
import type { AnyStreamDB } from './stream-db-provider.ts'

type AnyOptions = CreateStreamDBOptions<StateDefinition, ActionDefinitions>
type OpenedDatabase = StreamDB<StateDefinition, ActionDefinitions>
type Source = AnyOptions | (() => AnyStreamDB)

/**
 * Returns the database of the nearest provider, as the type that it is said to be: `useStreamDB<typeof db>()`.
 *
 * Throws where there is no provider.
 */
export function useStreamDB<Database extends { readonly collections: object }>(): Database
/**
 * Opens a database while the component is mounted, and returns it at once: it reads from the mount on, or from the
 * first live query, or, hydrated, from when the page is idle. It is closed a few seconds after the last component that
 * retains it is gone; sooner where others are opened meanwhile.
 *
 * Components that ask for the same stream share one database: the same URL, the same `state` and the same `deps`. The
 * options may be new in every render: their functions, actions too, are called in their newest form. Another value of
 * any other option makes no other database: name in `deps` what it depends on. Development builds warn of it.
 *
 * @example
 * ```tsx
 * const db = useStreamDB({ streamOptions: { url: `/rooms/${id}` }, state })
 * ```
 */
export function useStreamDB<
  const Definitions extends StateDefinition,
  Actions extends ActionDefinitions = Record<never, never>,
>(
  options: CreateStreamDBOptions<Definitions, Actions>,
  deps?: readonly unknown[],
): StreamDB<Definitions, Actions>
/** The same for a function that creates the database; it is called again when `deps` change. */
export function useStreamDB<Database extends AnyStreamDB>(
  create: () => Database,
  deps?: readonly unknown[],
): Database
export function useStreamDB(source?: Source, deps: readonly unknown[] = []): unknown {
  return useDatabase('useStreamDB', useShared(source, deps))
}

function useShared(source: Source | undefined, deps: readonly unknown[]): AnyStreamDB | undefined {
  const [attempt, reopen] = useReducer((count: number) => count + 1, 0)
  const options = typeof source === 'object' ? source : undefined
  const keys = options ? [options.state, urlOf(options)] : []
  // oxlint-disable-next-line react/exhaustive-deps -- the keys and deps tell databases apart; the rest may be new in every render
  const shared = useMemo(() => source && open(source, deps), [attempt, ...keys, ...deps])
  useMemo(() => {
    // Opened by options of this type.
    if (options && shared) addOptions(shared.db as OpenedDatabase, options)
    // oxlint-disable-next-line react/exhaustive-deps -- of the options, only these actions are added
  }, [shared, options?.actions])
  const followed = useRef<{ readonly shared: unknown; readonly options: AnyOptions } | undefined>(undefined)
  // Before any effect of the page can call an action.
  useInsertionEffect(() => {
    if (options === undefined || shared === undefined) return
    const previous = followed.current?.shared === shared ? followed.current.options : undefined
    followed.current = { shared, options }
    // Opened by options of this type.
    followOptions(shared.db as OpenedDatabase, options, previous)
  })
  useEffect(() => {
    if (shared === undefined) return undefined
    // The render took longer than its lease.
    if (shared.db.status.name === 'closed') return reopen()
    return shared.retain()
  }, [shared])
  return shared?.db
}

function open(source: Source, deps: readonly unknown[]): SharedDatabase<AnyStreamDB> {
  assertOneCopy()
  // On a server nothing is mounted, and requests share nothing.
  if (typeof window === 'undefined') {
    const db = typeof source === 'object' ? createStreamDB({ ...source, startOnRead: false }) : source()
    return { db, retain: () => () => undefined }
  }
  return typeof source === 'object' ? acquireStreamDB(source, deps) : acquireCreated(source, deps)
}

function urlOf({ stream, streamOptions }: AnyOptions): string {
  return String(stream?.url ?? streamOptions?.url)
}

'use client'

import { createStreamDB } from '@streamdb/db'
import type { ActionDefinitions, CreateStreamDBOptions, StateDefinition, StreamDB } from '@streamdb/db'
import { useEffect, useMemo, useReducer } from 'react'
import { hold, share } from './registry.ts'
import type { Shared } from './registry.ts'
import { assertOneCopy, useDatabase } from './stream-db-provider.ts'
import type { AnyStreamDB } from './stream-db-provider.ts'

type AnyOptions = CreateStreamDBOptions<StateDefinition, ActionDefinitions>
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
 * holds it is gone; sooner where others are opened meanwhile.
 *
 * Components that ask for the same stream share one database: the same URL, the same `state` and the same `deps`, with
 * the other options of the one that asked first. Whatever else tells databases apart belongs to `deps`.
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
  return useDatabase('useStreamDB', useOpened(source, deps))
}

function useOpened(source: Source | undefined, deps: readonly unknown[]): AnyStreamDB | undefined {
  const [again, open] = useReducer((count: number) => count + 1, 0)
  const keys = typeof source === 'object' ? [source.state, urlOf(source)] : []
  // oxlint-disable-next-line react/exhaustive-deps -- the keys and deps say which database it is; the rest may be new in every render
  const shared = useMemo(() => source && ask(source, deps), [again, ...keys, ...deps])
  useEffect(() => {
    if (shared === undefined) return undefined
    // The render took long, and nobody held it.
    if (shared.db.status.name === 'closed') return open()
    return hold(shared)
  }, [shared])
  return shared?.db
}

function ask(source: Source, deps: readonly unknown[]): Shared {
  assertOneCopy()
  // On a server nothing is mounted, and requests share nothing.
  const onServer = typeof window === 'undefined'
  if (typeof source === 'object') {
    if (onServer) return { db: createStreamDB({ ...source, startOnRead: false }), key: [] }
    return share([source.state, urlOf(source), ...deps], () => createStreamDB(source))
  }
  const created = source()
  const shared = share(onServer ? [{}] : [created.state, created.stream.url, ...deps], () => created)
  if (shared.db !== created) created.close()
  return shared
}

function urlOf({ stream, streamOptions }: AnyOptions): string {
  return String(stream?.url ?? streamOptions?.url)
}

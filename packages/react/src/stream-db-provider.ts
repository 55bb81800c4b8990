'use client'

import { assertOneTanStackDB, resumeWhenIdle, StreamDBError } from '@streamdb/db'
import type { StreamDB } from '@streamdb/db'
import { createCollection } from '@tanstack/react-db'
import { createContext, createElement, useContext, useEffect } from 'react'
import type { Context, ReactElement, ReactNode } from 'react'

/** A database of any definition. */
export interface AnyStreamDB extends Pick<
  StreamDB<Record<never, never>>,
  | 'stream'
  | 'offset'
  | 'status'
  | 'subscribeStatus'
  | 'pendingWrites'
  | 'subscribeWrites'
  | 'preload'
  | 'close'
> {
  readonly state: object
  readonly collections: object
}

/** Holds the nearest provider's database. A context cannot be generic; `useStreamDB` gives the type back. */
export const StreamDBContext: Context<AnyStreamDB | undefined> = createContext<AnyStreamDB | undefined>(
  undefined,
)

/** Props of `StreamDBProvider`. */
export interface StreamDBProviderProps<Database> {
  /** What `createStreamDB` or `useStreamDB` returned. Whoever created it closes it. */
  readonly db: Database
  readonly children?: ReactNode
}

/**
 * Gives a database to the components below it. One that was hydrated reads on when the page is hydrated.
 *
 * Throws `duplicate-tanstack-db` where the hooks and the database use two copies of `@tanstack/db`.
 */
export function StreamDBProvider({ db, children }: StreamDBProviderProps<AnyStreamDB>): ReactElement {
  assertOneCopy()
  useEffect(() => {
    if (db.status.name === 'idle' && db.offset !== '-1') resumeWhenIdle(db)
  }, [db])
  return createElement(StreamDBContext.Provider, { value: db }, children)
}

/** Throws where these hooks use another copy of `@tanstack/db` than the database does. */
export function assertOneCopy(): void {
  assertOneTanStackDB(createCollection, '@tanstack/react-db')
}

/** Returns `own` or, without it, the nearest provider's database, for the hook of that name. Throws where there is neither. */
export function useDatabase<Source>(hook: string, own?: Source): Source | AnyStreamDB {
  const provided = useContext(StreamDBContext)
  return own ?? provided ?? refuse(hook)
}

/** Throws the error of a hook without a provider. */
export function refuse(hook: string): never {
  throw new StreamDBError('invalid-options', `${hook} needs a <StreamDBProvider db={db}> around it`)
}

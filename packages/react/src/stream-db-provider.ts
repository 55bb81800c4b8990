'use client'

import { assertOneTanStackDB, resumeWhenIdle, StreamDBError } from '@streamdb/db'
import type { StreamDB } from '@streamdb/db'
import { CollectionImpl, createCollection } from '@tanstack/react-db'
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
  /** What `createStreamDB` or `useStreamDB` returned. The code that created it closes it. */
  readonly db: Database
  readonly children?: ReactNode
}

/**
 * Gives a database to the components below it. One that was hydrated reads on when the page is hydrated.
 *
 * Throws `duplicate-tanstack-db` where the hooks and the database use two copies of `@tanstack/db`.
 */
export function StreamDBProvider({ db, children }: StreamDBProviderProps<AnyStreamDB>): ReactElement {
  assertDatabase(db)
  assertOneCopy(db)
  useEffect(() => {
    if (db.status.name === 'idle' && db.offset !== '-1') resumeWhenIdle(db)
  }, [db])
  return createElement(StreamDBContext.Provider, { value: db }, children)
}

/** Throws for what is no database, where a caller has no types, or has none yet. */
function assertDatabase(db: unknown): void {
  if (typeof db === 'object' && db !== null && 'subscribeStatus' in db) return
  throw new StreamDBError(
    'invalid-options',
    `StreamDBProvider: expected \`db\` to be a database but received ${describe(db)}. ` +
      `Pass what createStreamDB or useStreamDB returned: <StreamDBProvider db={db}>.`,
  )
}

function describe(value: unknown): string {
  if (value instanceof Promise) return 'a promise'
  return typeof value === 'object' && value !== null ? 'an object that is none' : String(value)
}

/** Throws where these hooks use another copy of `@tanstack/db` than the database does. */
export function assertOneCopy(db?: AnyStreamDB): void {
  assertOneTanStackDB(createCollection, '@tanstack/react-db')
  const [collection] = Object.values(db?.collections ?? {}) as readonly unknown[]
  if (collection === undefined || collection instanceof CollectionImpl) return
  throw new StreamDBError(
    'duplicate-tanstack-db',
    'Two copies of @streamdb/db are loaded, and of @tanstack/db with it: one made this database, the other belongs to ' +
      'these hooks. Most often one is imported and the other required: load both in the same way.',
  )
}

/** Returns `own` or, without it, the nearest provider's database, for the hook of that name. Throws where there is neither. */
export function useDatabase<Source>(hook: string, own?: Source): Source | AnyStreamDB {
  const provided = useContext(StreamDBContext)
  return own ?? provided ?? refuse(hook)
}

/** Throws the error of a hook that has no database. */
export function refuse(hook: string): never {
  throw new StreamDBError(
    'invalid-options',
    `${hook}: expected a database but received none, from its caller or a provider. ` +
      `Put <StreamDBProvider db={db}> around the component, or pass the database to the hook.`,
  )
}

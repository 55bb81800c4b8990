import { assertOneTanStackDB, StreamDBError } from '@streamdb/db'
import type { ActionDefinitions, StateDefinition, StreamDB } from '@streamdb/db'
import { createCollection } from '@tanstack/react-db'
import { createContext, createElement, useContext } from 'react'
import type { Context, ReactElement, ReactNode } from 'react'

// A context cannot be generic; `useStreamDB` gives the type back.
type AnyStreamDB = StreamDB<StateDefinition, ActionDefinitions>

/** Holds the nearest provider's database. */
export const StreamDBContext: Context<AnyStreamDB | undefined> = createContext<AnyStreamDB | undefined>(undefined)

/** Props of `StreamDBProvider`. */
export interface StreamDBProviderProps<Database> {
  /** What `createStreamDB` returned. Whoever created it closes it. */
  readonly db: Database
  readonly children?: ReactNode
}

/**
 * Gives a database to the components below it.
 *
 * Throws `duplicate-tanstack-db` where the hooks and the database use two copies of `@tanstack/db`.
 */
export function StreamDBProvider<Definitions extends StateDefinition, Actions extends ActionDefinitions>({
  db,
  children,
}: StreamDBProviderProps<StreamDB<Definitions, Actions>>): ReactElement {
  assertOneTanStackDB(createCollection, '@tanstack/react-db')
  // As above: the context forgets the type.
  return createElement(StreamDBContext.Provider, { value: db as unknown as AnyStreamDB }, children)
}

/**
 * Returns the database of the nearest provider, as the type that it is said to be: `useStreamDB<typeof db>()`.
 *
 * Throws where there is no provider.
 */
export function useStreamDB<Database extends { readonly collections: object }>(): Database {
  const db = useContext(StreamDBContext)
  if (db === undefined) throw noProvider('useStreamDB')
  // The caller says which database its provider holds, as the context cannot.
  return db as unknown as Database
}

/** Returns the error of a hook without a provider. */
export function noProvider(hook: string): StreamDBError {
  const message = `${hook}: there is no <StreamDBProvider db={db}> above this component; put one around it`
  return new StreamDBError('invalid-options', message)
}

'use client'

import { createContext, createElement, useContext } from 'react'
import type { ReactElement } from 'react'
import { refuse, StreamDBProvider } from './stream-db-provider.ts'
import type { AnyStreamDB, StreamDBProviderProps } from './stream-db-provider.ts'

/** A provider and its hook, which know the type of their database. */
export interface StreamDBContextHooks<Database> {
  /** As `StreamDBProvider`; the hooks without a type find its database, too. */
  readonly StreamDBProvider: (props: StreamDBProviderProps<Database>) => ReactElement
  /** Returns the database of the nearest provider of this pair, past those of others. Throws without one. */
  readonly useStreamDB: () => Database
}

/**
 * Makes a provider and a hook for one kind of database, so that the hook needs no annotation.
 *
 * @example
 * ```tsx
 * export const { StreamDBProvider, useStreamDB } = createStreamDBContext<StreamDB<typeof state>>()
 * ```
 */
export function createStreamDBContext<Database extends AnyStreamDB>(): StreamDBContextHooks<Database> {
  const Context = createContext<Database | undefined>(undefined)
  return {
    StreamDBProvider: ({ db, children }) =>
      createElement(Context.Provider, { value: db }, createElement(StreamDBProvider, { db }, children)),
    useStreamDB() {
      return useContext(Context) ?? refuse('useStreamDB')
    },
  }
}

'use client'

import { useLiveSuspenseQuery as useTanStackQuery } from '@tanstack/react-db'
import { useContext } from 'react'
import { opened } from './registry.ts'
import { StreamDBContext } from './stream-db-provider.ts'

/**
 * TanStack's `useLiveSuspenseQuery`, which says why: where it fails because a database did, error boundaries are given
 * the database's own error, and while the database tries again it suspends, so that a boundary that is reset recovers.
 *
 * The database is the nearest provider's, or one that `useStreamDB` opened.
 */
export const useLiveSuspenseQuery: typeof useTanStackQuery = ((
  ...args: Parameters<typeof useTanStackQuery>
) => {
  const provided = useContext(StreamDBContext)
  try {
    // oxlint-disable-next-line react/rules-of-hooks -- called in every render, and what it throws is thrown on
    return useTanStackQuery(...args)
  } catch (thrown) {
    if (thrown instanceof Error) {
      for (const db of [provided, ...opened()]) {
        if (db?.status.name === 'failed') throw db.status.error
        // A collection that failed cannot be loading again: TanStack goes on saying that it failed until it is ready.
        // oxlint-disable-next-line typescript/only-throw-error -- this is how one suspends in every React
        if (db !== undefined && retrying.includes(db.status.name)) throw db.preload()
      }
    }
    throw thrown
  }
}) as typeof useTanStackQuery // its overloads

const retrying: readonly string[] = ['connecting', 'catching-up', 'reconnecting', 'needs-auth']

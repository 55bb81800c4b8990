'use client'

import { failureOf, markRead, noteShownQuery, renewLease, sourcesOf, statusChange } from '@streamdb/db'
import { useLiveSuspenseQuery as useTanStackQuery } from '@tanstack/react-db'

/**
 * TanStack's `useLiveSuspenseQuery`, with the errors of the databases that the query reads: when one of them failed, or
 * was closed, error boundaries are given the database's own error; while it reads again after a failure the query
 * suspends, so that a boundary that is reset recovers. Errors of the query itself are thrown as they are.
 *
 * A database that the render opened stays open while the query waits for it. When the render is abandoned, the database
 * is closed within seconds.
 */
export const useLiveSuspenseQuery: typeof useTanStackQuery = ((
  ...args: Parameters<typeof useTanStackQuery>
) => {
  try {
    // oxlint-disable-next-line react/rules-of-hooks -- called in every render; what it throws is thrown again
    const result = useTanStackQuery(...args)
    for (const { db } of sourcesOf(result.collection)) markRead(db)
    noteShownQuery(result.collection)
    return result
  } catch (thrown) {
    const [query] = args
    const failure = thrown instanceof Promise ? undefined : failureOf(query)
    if (failure?.name === 'failed') throw failure.error
    const waitsFor = failure?.name === 'retrying' ? statusChange(failure.db) : thrown
    if (!(waitsFor instanceof Promise)) throw thrown
    const renewals = sourcesOf(query).flatMap(({ db }) => renewLease(db) ?? [])
    // oxlint-disable-next-line typescript/only-throw-error -- this is how one suspends in every React
    throw renewals.length === 0 ? waitsFor : Promise.race([waitsFor, ...renewals])
  }
}) as typeof useTanStackQuery // its overloads

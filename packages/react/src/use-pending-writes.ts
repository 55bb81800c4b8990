'use client'

import type { Write } from '@streamdb/db'
import { useDatabase } from './stream-db-provider.ts'
import { useReadable } from './use-readable.ts'

/** What has writes under way: every database. */
export interface WriteSource {
  readonly pendingWrites: readonly Write[]
  readonly subscribeWrites: (listener: () => void) => () => void
}

const none: readonly Write[] = []

/**
 * Returns the transactions under way of `db`, or of the nearest provider's database, oldest first; re-renders when one
 * of them changes, and only then. On a server there are none.
 *
 * Throws where there is neither.
 */
export function usePendingWrites(db?: WriteSource): readonly Write[] {
  const source = useDatabase('usePendingWrites', db)
  return useReadable({ get: () => source.pendingWrites, subscribe: source.subscribeWrites }, none)
}

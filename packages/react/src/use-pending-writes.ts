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
 * Returns the pending transactions of `db`, or of the nearest provider's database, oldest first; re-renders only when one of
 * them changes. On a server the list is empty.
 *
 * Throws without `db` and without a provider.
 */
export function usePendingWrites(db?: WriteSource): readonly Write[] {
  const source = useDatabase('usePendingWrites', db)
  return useReadable({ get: () => source.pendingWrites, subscribe: source.subscribeWrites }, none)
}

'use client'

import type { Write } from '@streamdb/db'
import { useSyncExternalStore } from 'react'
import { useDatabase } from './stream-db-provider.ts'

/** What has writes under way: every database. */
export interface WriteSource {
  readonly pendingWrites: readonly Write[]
  readonly subscribeWrites: (listener: () => void) => () => void
}

const none: readonly Write[] = []

/**
 * Returns the transactions under way of `db`, or of the nearest provider's database, oldest first; re-renders when one
 * of them changes, and only then. Throws where there is neither.
 */
export function usePendingWrites(db?: WriteSource): readonly Write[] {
  const source = useDatabase('usePendingWrites', db)
  // On the server nothing is under way.
  return useSyncExternalStore(
    source.subscribeWrites,
    () => source.pendingWrites,
    () => none,
  )
}

'use client'

import type { Status } from '@streamdb/db'
import { useDatabase } from './stream-db-provider.ts'
import { useReadable } from './use-readable.ts'

/** What has a status: every database. */
export interface StatusSource {
  readonly status: Status
  readonly subscribeStatus: (listener: (status: Status) => void) => () => void
}

const idle: Status = { name: 'idle' }

/**
 * Returns the status of `db`, or of the nearest provider's database; re-renders when it changes, and only then.
 * On a server, and while its page is hydrated, that is `idle`.
 *
 * Throws where there is neither.
 */
export function useStreamStatus(db?: StatusSource): Status {
  const source = useDatabase('useStreamStatus', db)
  return useReadable({ get: () => source.status, subscribe: source.subscribeStatus }, idle)
}

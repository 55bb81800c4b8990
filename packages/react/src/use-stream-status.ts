'use client'

import type { Status } from '@streamdb/db'
import { useContext, useSyncExternalStore } from 'react'
import { noProvider, StreamDBContext } from './stream-db-provider.ts'

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
  const provided = useContext(StreamDBContext)
  const source = db ?? provided
  if (source === undefined) throw noProvider('useStreamStatus')
  return useSyncExternalStore(
    source.subscribeStatus,
    () => source.status,
    () => idle,
  )
}

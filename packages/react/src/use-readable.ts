'use client'

import type { Readable } from '@streamdb/db'
import { useSyncExternalStore } from 'react'

/**
 * Returns the value of a `Readable`, such as `db.readables.issues`; re-renders when it changes, and only then. On a
 * server, and while its page is hydrated, it is `onServer`, where that is given.
 */
export function useReadable<Value>({ get, subscribe }: Readable<Value>, onServer?: Value): Value {
  return useSyncExternalStore(subscribe, get, () => onServer ?? get())
}

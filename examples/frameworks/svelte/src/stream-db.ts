// StreamDB in Svelte 5: a database for as long as a component is there, and what changes in it as reactive values.

import type { Readable } from '@streamdb/db'
import { onDestroy } from 'svelte'
import { createSubscriber } from 'svelte/reactivity'

/** Opens a database, and closes it with the component that calls this. */
export function useStreamDB<DB extends { close(): void }>(open: () => DB): DB {
  const db = open()
  onDestroy(() => db.close())
  return db
}

/** Returns what changes, as `current`: of `db.readables.status`, say. It is subscribed to while something shows it. */
export function useReadable<Value>(readable: Readable<Value>): { readonly current: Value } {
  const subscribe = createSubscriber(readable.subscribe)
  return {
    get current() {
      subscribe()
      return readable.get()
    },
  }
}

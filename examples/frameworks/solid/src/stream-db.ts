// StreamDB in Solid: a database for as long as a component is there, and what changes in it as signals.

import type { Readable } from '@streamdb/db'
import { createSignal, onCleanup } from 'solid-js'
import type { Accessor } from 'solid-js'

/** Opens a database, and closes it with the component (or the root) that calls this. */
export function useStreamDB<DB extends { close(): void }>(open: () => DB): DB {
  const db = open()
  onCleanup(() => db.close())
  return db
}

/** Returns a signal of what changes: of `db.readables.status`, say. */
export function useReadable<Value>(readable: Readable<Value>): Accessor<Value> {
  const [value, setValue] = createSignal(readable.get())
  onCleanup(readable.subscribe(() => setValue(() => readable.get())))
  return value
}

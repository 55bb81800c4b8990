// StreamDB in Vue: a database for as long as a component is there, and what changes in it as refs.

import type { Readable } from '@streamdb/db'
import { onScopeDispose, shallowRef } from 'vue'
import type { ShallowRef } from 'vue'

/** Opens a database, and closes it with the component (or the effect scope) that calls this. */
export function useStreamDB<DB extends { close(): void }>(open: () => DB): DB {
  const db = open()
  onScopeDispose(() => db.close())
  return db
}

/** Returns a ref of what changes: of `db.readables.status`, say. */
export function useReadable<Value>(readable: Readable<Value>): Readonly<ShallowRef<Value>> {
  const value = shallowRef(readable.get())
  onScopeDispose(readable.subscribe(() => (value.value = readable.get())))
  return value
}

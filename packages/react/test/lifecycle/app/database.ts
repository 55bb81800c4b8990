/// <reference types="vite/client" />
import { createStreamDB } from '@streamdb/react'
import { roomOptions } from './state.ts'
import type { Room } from './state.ts'

/** A database that is no component's: whoever creates it closes it. */
export const db = createStreamDB(roomOptions())

// Not in `dispose`: Vite calls that of the module that accepts an update alone, which is the component's.
if (import.meta.hot) {
  const last = import.meta.hot.data as { db?: Room }
  last.db?.close()
  last.db = db
}

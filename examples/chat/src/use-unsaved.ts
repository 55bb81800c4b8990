import { usePendingWrites } from '@streamdb/react'
import { useMemo } from 'react'
import type { Room } from './room.ts'

/** What is under way with a message. */
export type Unsaved = 'insert' | 'update' | 'delete'

/** Returns what of this window is not confirmed yet, by message. */
export function useUnsaved({ db }: Room): ReadonlyMap<string, Unsaved> {
  const writes = usePendingWrites(db)
  return useMemo(() => {
    const unsaved = new Map<string, Unsaved>()
    for (const { transaction } of writes) {
      for (const { key, type } of transaction.mutations) {
        const id = String(key)
        // What is not sent is not edited either.
        if (unsaved.get(id) !== 'insert') unsaved.set(id, type)
      }
    }
    return unsaved
  }, [writes])
}

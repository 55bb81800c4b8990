import { usePendingWrites } from '@streamdb/react'
import { useMemo } from 'react'
import type { Room } from './room.ts'

/** The write of a message that is under way. */
export type Unsaved = 'insert' | 'update' | 'delete'

/** Returns this window's writes that are not confirmed yet, by message. */
export function useUnsaved({ db }: Room): ReadonlyMap<string, Unsaved> {
  const writes = usePendingWrites(db)
  return useMemo(() => {
    const unsaved = new Map<string, Unsaved>()
    for (const { transaction } of writes) {
      for (const { key, type } of transaction.mutations) {
        const id = String(key)
        // An edit of a message that is not sent yet is a part of sending it.
        if (unsaved.get(id) !== 'insert') unsaved.set(id, type)
      }
    }
    return unsaved
  }, [writes])
}

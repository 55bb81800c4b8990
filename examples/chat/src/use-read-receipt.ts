import { useStreamStatus } from '@streamdb/react'
import { useEffect, useSyncExternalStore } from 'react'
import type { Room } from './room.ts'
import type { MessageView } from './views.ts'

/** Notes that the user has read everything, while the end of the list is shown in a visible window. */
export function useReadReceipt(
  { presence, db, me }: Room,
  last: MessageView | undefined,
  atEnd: boolean,
): void {
  const isVisible = useSyncExternalStore(subscribe, () => document.visibilityState === 'visible')
  const isLive = useStreamStatus(db).name === 'live'

  useEffect(() => {
    if (!isVisible || !isLive || !atEnd || last === undefined) return
    // Another window of the same user may have noted it already.
    if ((db.collections.receipts.get(me.id)?.readUntil ?? 0) < last.sentAt) presence.reads(last)
  }, [presence, db, me, isVisible, isLive, last, atEnd])
}

function subscribe(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

import { useLiveQuery } from '@streamdb/react'
import { useMemo } from 'react'
import type { Room } from './room.ts'
import type { ReactionView, ReaderView } from './views.ts'

/** Returns the number of each reaction, by message. */
export function useReactions({ views }: Room): ReadonlyMap<string, readonly ReactionView[]> {
  const { data } = useLiveQuery(views.reactions)
  return useMemo(() => byMessage(data), [data])
}

/** Returns the others whose last read message this is, by message. */
export function useReaders({ views }: Room): ReadonlyMap<string, readonly ReaderView[]> {
  const { data } = useLiveQuery(views.readers)
  return useMemo(() => byMessage(data), [data])
}

function byMessage<Row extends { readonly messageId: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.messageId)
    if (group === undefined) groups.set(row.messageId, [row])
    else group.push(row)
  }
  return groups
}

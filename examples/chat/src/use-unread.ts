import { and, count, eq, gt, not, useLiveQuery } from '@streamdb/react'
import type { Room } from './room.ts'

/** How much of a room its user has not read yet. */
export interface Unread {
  /** When the last read message was sent; undefined before the first. */
  readonly readUntil: number | undefined
  readonly count: number
}

/** Returns how many messages of others came after the last one that was read. */
export function useUnread({ db: { collections }, me }: Room): Unread {
  const receipt = useLiveQuery({
    query: (q) =>
      q
        .from({ receipt: collections.receipts })
        .where(({ receipt: each }) => eq(each.userId, me.id))
        .findOne(),
  })
  const readUntil = receipt.data?.readUntil
  const after = useLiveQuery({
    query: (q) =>
      q
        .from({ message: collections.messages })
        .where(({ message }) => and(gt(message.sentAt, readUntil ?? 0), not(eq(message.authorId, me.id))))
        .select(({ message }) => ({ count: count(message.id) }))
        .findOne(),
  })
  return { readUntil, count: after.data?.count ?? 0 }
}

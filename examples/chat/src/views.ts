import { count, createLiveQueryCollection, eq, not } from '@streamdb/react'
import type { Database } from './database.ts'

/** What a room's page draws: live queries over the database. */
export type Views = ReturnType<typeof createViews>
/** A message with its author's name. */
export type MessageView = Views['timeline']['toArray'][number]
/** How often a message has a reaction. */
export type ReactionView = Views['reactions']['toArray'][number]
/** Somebody, and the last message that they have read. */
export type ReaderView = Views['readers']['toArray'][number]
/** Somebody who is writing, until a time at most. */
export type TypistView = Views['typists']['toArray'][number]

/** Kept while the page is open, whether it is drawn or not. */
const kept = { startSync: true, gcTime: 0 }

/** Creates the views of the person `me`, which starts to read the log. */
export function createViews(
  { users, messages, reactions, typing, receipts }: Database['collections'],
  me: string,
) {
  // Not a part of each message (`toArray`): with ten thousand messages, every new one would then take 30 ms.
  const counts = createLiveQueryCollection({
    ...kept,
    query: (q) =>
      q
        .from({ reaction: reactions })
        .groupBy(({ reaction }) => [reaction.messageId, reaction.emoji])
        .select(({ reaction }) => ({
          messageId: reaction.messageId,
          emoji: reaction.emoji,
          count: count(reaction.id),
        })),
    getKey: ({ messageId, emoji }) => `${messageId}/${emoji}`,
  })

  const timeline = createLiveQueryCollection({
    ...kept,
    query: (q) =>
      q
        .from({ message: messages })
        .leftJoin({ author: users }, ({ message, author }) => eq(message.authorId, author.id))
        .select(({ message, author }) => ({
          id: message.id,
          authorId: message.authorId,
          authorName: author?.name,
          text: message.text,
          sentAt: message.sentAt,
          editedAt: message.editedAt,
          attachment: message.attachment,
        }))
        .orderBy(({ message }) => message.sentAt)
        .orderBy(({ message }) => message.id),
    getKey: ({ id }) => id,
  })

  const readers = createLiveQueryCollection({
    ...kept,
    query: (q) =>
      q
        .from({ receipt: receipts })
        .innerJoin({ reader: users }, ({ receipt, reader }) => eq(receipt.userId, reader.id))
        .where(({ receipt }) => not(eq(receipt.userId, me)))
        .select(({ receipt, reader }) => ({
          messageId: receipt.messageId,
          id: reader.id,
          name: reader.name,
        })),
    getKey: ({ id }) => id,
  })

  const typists = createLiveQueryCollection({
    ...kept,
    query: (q) =>
      q
        .from({ typing })
        .innerJoin({ typist: users }, ({ typing: each, typist }) => eq(each.userId, typist.id))
        .where(({ typing: each }) => not(eq(each.userId, me)))
        .select(({ typing: each, typist }) => ({ id: typist.id, name: typist.name, until: each.until })),
    getKey: ({ id }) => id,
  })

  return {
    /** Every message, oldest first. */
    timeline,
    /** The number of each reaction, one row per message and reaction. */
    reactions: counts,
    /** The last message that each of the others has read. */
    readers,
    /** Who of the others is writing, or was until `until`. */
    typists,
  }
}

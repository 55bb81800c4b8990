import type { MessageView } from './views.ts'
import { isAnotherDay } from './format.ts'

/** Messages of one author within this time are grouped, in milliseconds. */
const groupWithin = 5 * 60_000

/** How a message is drawn among its neighbours. */
export interface Place {
  /** It is the first of its day. */
  readonly beginsDay: boolean
  /** It continues the message of the same author just before it. */
  readonly continues: boolean
  /** It is the first that was unread when the room was entered. */
  readonly beginsUnread: boolean
}

/** The fields that a place depends on. */
export type Neighbour = Pick<MessageView, 'id' | 'authorId' | 'sentAt'>

/** Returns how a message is drawn after the one `before` it. */
export function placeOf(
  message: Neighbour,
  before: Neighbour | undefined,
  firstUnread: string | undefined,
): Place {
  const beginsDay = before === undefined || isAnotherDay(before.sentAt, message.sentAt)
  const beginsUnread = message.id === firstUnread
  const isNext = before?.authorId === message.authorId && message.sentAt - before.sentAt < groupWithin
  return { beginsDay, beginsUnread, continues: isNext && !beginsDay && !beginsUnread }
}

import type { MessageView } from './views.ts'
import { isAnotherDay } from './words.ts'

/** Messages of one author that come within this time stand together, in milliseconds. */
const together = 5 * 60_000

/** How a message stands among its neighbours. */
export interface Place {
  /** It is the first of its day. */
  readonly beginsDay: boolean
  /** It goes on with what its author said just before. */
  readonly continues: boolean
  /** It is the first that was not read when the room was entered. */
  readonly beginsUnread: boolean
}

/** What a place depends on. */
export type Neighbour = Pick<MessageView, 'id' | 'authorId' | 'sentAt'>

/** Says how a message stands after the one `before` it. */
export function placeOf(
  message: Neighbour,
  before: Neighbour | undefined,
  firstUnread: string | undefined,
): Place {
  const beginsDay = before === undefined || isAnotherDay(before.sentAt, message.sentAt)
  const beginsUnread = message.id === firstUnread
  const isNext = before?.authorId === message.authorId && message.sentAt - before.sentAt < together
  return { beginsDay, beginsUnread, continues: isNext && !beginsDay && !beginsUnread }
}

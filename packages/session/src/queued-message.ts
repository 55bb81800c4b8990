import type { ChangeEvent } from '@streamdb/state'
import { toPartRows } from './new-parts.ts'
import type { Message, QueueItem } from './rows.ts'
import { sessionState } from './session-state.ts'

/** Returns the events that make a message of a queued one, under the same id. */
export function messageEvents(item: QueueItem): ChangeEvent[] {
  const { id, author, branch, mentions, replyTo, metadata, parts } = item
  const message: Message = {
    ...{ id, role: 'user', author },
    ...(branch === undefined ? {} : { branch }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(metadata === undefined ? {} : { metadata }),
    createdAt: new Date().toISOString(),
  }
  return [
    sessionState.messages.insert({ value: message }),
    ...toPartRows(id, parts).map((value) => sessionState.parts.insert({ value })),
  ]
}

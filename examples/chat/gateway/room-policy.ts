import type { AuthorizeContext, RefusalReason } from '@streamdb/server'
import type { state } from '../src/state.ts'

/** Somebody who is signed in. */
export interface User {
  readonly id: string
}

/** An event that somebody asks to write to a room, and the row before it. */
export type RoomWrite = AuthorizeContext<typeof state, User>

/**
 * Says why somebody may not write an event to a room; `undefined` where they may. Everybody writes in their own name alone:
 * messages, reactions, that they are writing, and how far they have read. Members are the server's.
 */
export function authorizeRoom(write: RoomWrite): RefusalReason | undefined {
  const { type, event, user } = write
  const isDelete = event.headers.operation === 'delete'
  switch (type) {
    case 'user':
      return { code: 'not-yours', message: 'Members are written by the server.' }
    case 'message':
      if (write.row !== undefined && write.row.authorId !== user.id) {
        return { code: 'not-yours', message: 'Only its author may change a message.' }
      }
      return isDelete ? undefined : ownName(write.event.value?.authorId, '/value/authorId', user)
    case 'reaction': {
      if (write.row !== undefined && write.row.userId !== user.id) {
        return { code: 'not-yours', message: 'This reaction is somebody else’s.' }
      }
      if (isDelete) return undefined
      const { messageId = '', userId, emoji = '' } = write.event.value ?? {}
      const isNamed = event.key === `${messageId}/${userId}/${emoji}`
      return (
        ownName(userId, '/value/userId', user) ??
        (isNamed
          ? undefined
          : { code: 'invalid-key', message: 'A reaction is called by message, user and emoji.' })
      )
    }
    case 'typing':
    case 'receipt':
      // Their key is the user.
      return ownName(event.key, '/key', user)
  }
}

function ownName(name: string | undefined, path: string, { id }: User): RefusalReason | undefined {
  if (name === id) return undefined
  return { code: 'another-name', message: 'Nobody writes in another’s name.', path }
}

import { createStateSchema } from '@streamdb/state'
import { defineServerAction } from '../src/index.ts'
import type { AuthorizeContext } from '../src/index.ts'
import { z } from 'zod'

/** Who may be asked to be believed: they sign in by name, as a token would say. */
export const people = ['ada', 'grace', 'mallory'] as const

export interface User {
  readonly id: string
}

/** The text of a row names who sent it, and which request: `ada#17`. The oracle knows by that whose it is. */
const text = z.string().max(200)

/** What may be written. Two types have names that JavaScript knows in another way. */
export const state = createStateSchema({
  messages: {
    schema: z.object({ id: z.string(), author: z.string(), text }),
    type: 'message',
    primaryKey: 'id',
  },
  profiles: {
    // Nothing but a number: also one that JSON does not have.
    schema: z.object({ id: z.string(), text, score: z.custom<number>((each) => typeof each === 'number') }),
    type: 'profile',
    primaryKey: 'id',
  },
  protos: {
    schema: z.object({ id: z.string(), owner: z.string(), text }),
    type: '__proto__',
    primaryKey: 'id',
  },
  constructors: {
    schema: z.looseObject({ id: z.string(), owner: z.string(), text }),
    type: 'constructor',
    primaryKey: 'id',
  },
})

/** A server action decides itself what its caller may: it writes messages in the caller's name, and over no other's. */
export const say = defineServerAction(
  'say',
  z.object({ key: z.string().min(1), text, more: z.number().optional() }),
  ({ params: { key, text: said, more = 0 }, user, rows, refuse, upsert }) => {
    const before = rows.get(state.messages, key)
    if (before !== undefined && before.author !== user.id)
      refuse('not-yours', 'It is the message of somebody else.')
    upsert(state.messages, { id: key, author: user.id, text: said })
    // Too many, which takes all of them back.
    if (more > 0)
      for (let count = 0; count < 100; count++)
        upsert(state.messages, { id: key, author: user.id, text: said })
    return { key, said }
  },
)

/** Everybody writes in their own name, over what is their own. The oracle says the same in other words. */
export function authorize(write: AuthorizeContext<typeof state, User>): string | undefined {
  const { user, event } = write
  if (write.type === 'message') {
    if (write.row !== undefined && write.row.author !== user.id) return 'It is the message of somebody else.'
    const author = write.event.value?.author ?? user.id
    return author === user.id ? undefined : 'Nobody writes in another’s name.'
  }
  if (write.type === 'profile')
    return event.key === user.id ? undefined : 'It is the profile of somebody else.'
  if (write.row !== undefined && write.row.owner !== user.id) return 'It belongs to somebody else.'
  const owner = write.event.value?.owner ?? user.id
  return owner === user.id ? undefined : 'Nobody owns in another’s name.'
}

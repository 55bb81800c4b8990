import { createStateSchema } from '@streamdb/db'
import { z } from 'zod'

/** The state that most tests read: a chat room. */
export const room = createStateSchema({
  users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
  messages: {
    schema: z.object({ id: z.string(), userId: z.string(), text: z.string(), likes: z.number().default(0) }),
    type: 'message',
    primaryKey: 'id',
  },
})

export type Room = typeof room

import { createStateSchema } from '@streamdb/react'
import { z } from 'zod'

const user = z.object({ id: z.string(), name: z.string() })

const attachment = z.object({
  /** The file is a stream of its own, of this name. */
  id: z.string(),
  name: z.string(),
  size: z.number(),
  /** In pixels: the room for the picture is kept before it is there. */
  width: z.number(),
  height: z.number(),
})

const message = z.object({
  id: z.string(),
  authorId: z.string(),
  text: z.string(),
  /** Milliseconds since the epoch, by the writer's clock; messages stand in this order. */
  sentAt: z.number(),
  editedAt: z.number().optional(),
  attachment: attachment.optional(),
})

const reaction = z.object({ id: z.string(), messageId: z.string(), userId: z.string(), emoji: z.string() })

/** Somebody writes; who does not say so again before `until` has stopped. */
const typing = z.object({ userId: z.string(), until: z.number() })

/** How far somebody has read: to the message, which was sent at `readUntil`. */
const receipt = z.object({ userId: z.string(), messageId: z.string(), readUntil: z.number() })

/** What the events of a room mean: five types on one stream, five collections. */
export const state = createStateSchema({
  users: { schema: user, type: 'user', primaryKey: 'id' },
  messages: { schema: message, type: 'message', primaryKey: 'id' },
  reactions: { schema: reaction, type: 'reaction', primaryKey: 'id' },
  typing: { schema: typing, type: 'typing', primaryKey: 'userId' },
  receipts: { schema: receipt, type: 'receipt', primaryKey: 'userId' },
})

export type Message = z.output<typeof message>
export type Attachment = z.output<typeof attachment>

import { createStateSchema } from '@streamdb/state'
import { z } from 'zod'

/** Becomes a part of an address, so nothing in it may mean something there. */
const streamName = z.string().regex(/^[\w-]{1,64}$/)

/** Milliseconds since the epoch, until the year 9999: every such number is a date that can be formatted. */
const time = z.int().min(0).max(253_402_300_799_999)

const pixels = z.int().min(1).max(65_535)

const user = z.object({ id: z.string(), name: z.string() })

const attachment = z.object({
  /** The name of the stream that holds the file. */
  id: streamName,
  name: z.string().max(1_000),
  size: z.int().min(0),
  /** The place of a picture is reserved before it is loaded. */
  width: pixels,
  height: pixels,
})

export const message = z.object({
  id: z.string(),
  authorId: z.string(),
  text: z.string(),
  /** By the writer's clock; messages stand in this order. */
  sentAt: time,
  editedAt: time.optional(),
  attachment: attachment.optional(),
})

const reaction = z.object({
  id: z.string(),
  messageId: z.string(),
  userId: z.string(),
  emoji: z.string().min(1).max(32),
})

/** Somebody is writing, until `until` at most. */
const typing = z.object({ userId: z.string(), until: time })

/** Somebody has read everything up to a message, which was sent at `readUntil`. */
const receipt = z.object({ userId: z.string(), messageId: z.string(), readUntil: time })

/** The events of a room: five types on one stream, five collections. */
export const state = createStateSchema({
  users: { schema: user, type: 'user', primaryKey: 'id' },
  messages: { schema: message, type: 'message', primaryKey: 'id' },
  reactions: { schema: reaction, type: 'reaction', primaryKey: 'id' },
  typing: { schema: typing, type: 'typing', primaryKey: 'userId' },
  receipts: { schema: receipt, type: 'receipt', primaryKey: 'userId' },
})

export type Message = z.output<typeof message>
export type Attachment = z.output<typeof attachment>

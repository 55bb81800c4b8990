import { createStateSchema } from '@streamdb/state'
import { z } from 'zod'

/** Milliseconds since the epoch, until the year 9999: every such number is a date that can be formatted. */
const time = z.int().min(0).max(253_402_300_799_999)

/** Where changes come from. */
const origin = z.enum(['live', 'replay', 'synthetic'])

const change = z.object({
  /** Wikimedia's own id of the event; of a replay with the number of the pass. */
  id: z.string().max(200),
  /** Counts all changes that the stream ever had: without gaps, and greater for newer ones. */
  position: z.int().min(1),
  at: time,
  wiki: z.string().max(100),
  type: z.string().max(40),
  namespace: z.int(),
  title: z.string().max(500),
  user: z.string().max(300),
  bot: z.boolean(),
  minor: z.boolean(),
  /** By how many bytes the page has grown. */
  delta: z.int().optional(),
  comment: z.string().max(500),
  url: z.url({ protocol: /^https?$/ }).optional(),
  origin,
})

const source = z.object({
  id: z.literal('source'),
  origin,
  /**
   * `waiting`: the connection is lost, and tried again at `nextTry`. `unreachable`: it never was there. `ended`: there will
   * be no more.
   */
  state: z.enum(['connecting', 'open', 'waiting', 'unreachable', 'ended']),
  /** What it reads: an address, the name of a file. */
  label: z.string(),
  /** What went wrong. */
  detail: z.string().optional(),
  nextTry: time.optional(),
  /** Changes a second, of a replay and of synthetic changes. */
  speed: z.int().min(1).optional(),
  /** The id of the last event that is in the stream: reading goes on behind it. */
  eventId: z.string().optional(),
  /** The address that the id is of. */
  eventSource: z.string().optional(),
  /** How many changes the stream ever had. */
  received: z.int().min(0),
  /** The epoch of the reader: an earlier one cannot write any more. */
  epoch: z.int().min(0),
  /** The stream that follows this one, which has become too large. */
  next: z.string().optional(),
})

/** The events of the stream: the newest changes, and one row about where they come from. */
export const state = createStateSchema({
  changes: { schema: change, type: 'change', primaryKey: 'id' },
  sources: { schema: source, type: 'source', primaryKey: 'id' },
})

export type Change = z.output<typeof change>
export type Source = z.output<typeof source>
export type Origin = z.output<typeof origin>

import { createStateSchema } from '@streamdb/db'
import { z } from 'zod'

/** What is written while servers die. */
export const chaosState = createStateSchema({
  items: {
    schema: z.object({ id: z.string(), writer: z.string(), n: z.number(), text: z.string() }),
    type: 'item',
    primaryKey: 'id',
  },
  /** One row a writer: each write is built upon the one before. */
  counters: { schema: z.object({ id: z.string(), n: z.number() }), type: 'counter', primaryKey: 'id' },
  /** One row, put by plain HTTP requests: what it says was stored, whatever StreamDB does. */
  probes: { schema: z.object({ id: z.string(), n: z.number() }), type: 'probe', primaryKey: 'id' },
})

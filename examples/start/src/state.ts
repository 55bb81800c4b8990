import { createStateSchema } from '@streamdb/state'
import { z } from 'zod'

const example = z.object({
  /** Its folder in `examples/`. */
  id: z.string(),
  place: z.number(),
  title: z.string(),
  about: z.string(),
  /** What it shows of StreamDB, in a few words each. */
  shows: z.array(z.string()),
  state: z.enum(['off', 'starting', 'open', 'failed']),
  url: z.url({ protocol: /^https?$/ }).optional(),
  /** Why it failed. */
  error: z.string().optional(),
})

/** An example, as the page shows it. */
export type Example = z.output<typeof example>

/** The stream of the page: a row for each example. */
export const state = createStateSchema({
  examples: { schema: example, type: 'example', primaryKey: 'id' },
})

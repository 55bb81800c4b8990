import { createStateSchema } from '@streamdb/react'
import { z } from 'zod'

const todo = z.object({
  id: z.string(),
  text: z.string(),
  done: z.boolean(),
  addedAt: z.iso.datetime(),
})

/** What the stream holds: one collection for each type of its events. */
export const state = createStateSchema({
  todos: { schema: todo, type: 'todo', primaryKey: 'id' },
})

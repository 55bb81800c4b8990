import { createStateSchema, createStreamDB } from '@streamdb/db'
import type { StreamDB } from '@streamdb/db'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { eventBuilders } from '../src/index.ts'
import type { EventBuilders } from '../src/index.ts'

const schema = z.object({ id: z.string(), text: z.string(), done: z.boolean() })
export type Todo = z.infer<typeof schema>

/** The state of the application that is tested here. */
export const state = createStateSchema({ todos: { schema, type: 'todo', primaryKey: 'id' } })

const defaults = { todos: (n: number): Todo => ({ id: `${n}`, text: `Todo ${n}`, done: false }) }

/** Builders whose rows count from 1. */
export function builders(): EventBuilders<typeof state, typeof defaults> {
  return eventBuilders(state, defaults)
}

/** Opens a database, which is closed when the test is over. Retries are quick. */
export function open(streamOptions: {
  readonly url: string
  readonly fetch?: typeof fetch
}): StreamDB<typeof state> {
  const retry = { initialDelay: 1, maxDelay: 10 }
  const db = createStreamDB({ streamOptions, state, retry })
  onTestFinished(() => db.close())
  return db
}

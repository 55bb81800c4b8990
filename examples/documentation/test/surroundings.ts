// What the reader of a docstring's example has at hand: a stream with a room in it, a definition, and a database.

import { createStateSchema, createStreamDB } from '@streamdb/db'
import type { StreamDB } from '@streamdb/db'
import { startStreamServer } from '@streamdb/testkit'
import { z } from 'zod'

export { z }

export const state = createStateSchema({
  users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
  messages: { schema: z.object({ id: z.string(), text: z.string() }), type: 'message', primaryKey: 'id' },
})

const server = await startStreamServer()
const headers = { timestamp: '2026-01-01T00:00:00Z' }
const items = [state.users.insert({ value: { id: '1', name: 'Ada' }, headers })]

export const id = '1'
export const url: string = await server.createStream(`/rooms/${id}`, { items })
export const options = { streamOptions: { url }, state }
export const line: string = JSON.stringify(items[0])
export const reported: string[] = []
export const report = (message: string): void => void reported.push(message)

/** The database of an example that begins with one. */
export const db: StreamDB<typeof state, { sendMessage: { onMutate: (text: string) => void } }> =
  createStreamDB({
    ...options,
    actions: ({ db: { collections } }) => ({
      sendMessage: { onMutate: (text: string) => void collections.messages.insert({ id: text, text }) },
    }),
  })

/** Closes what the examples have used. */
export async function close(): Promise<void> {
  db.close()
  await server.stop()
}

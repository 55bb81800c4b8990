import { createStateSchema, createStreamDB } from '../src/index.ts'
import type { StreamDB } from '../src/index.ts'
import { startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

/** The state that the tests show: a chat room. */
export const room = createStateSchema({
  users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
  messages: {
    schema: z.object({ id: z.string(), userId: z.string(), text: z.string() }),
    type: 'message',
    primaryKey: 'id',
  },
})

let server: Promise<StreamServer> | undefined

/** Opens a room on a new stream of the real server; closed with the test. */
export async function openRoom(
  ...items: unknown[]
): Promise<{ db: StreamDB<typeof room>; append: (...events: unknown[]) => Promise<string> }> {
  const kit = await (server ??= startStreamServer())
  const url = await kit.createStream(undefined, { items })
  const db = createStreamDB({ streamOptions: { url, warnOnHttp: false }, state: room })
  onTestFinished(() => db.close())
  return { db, append: (...events) => kit.appendItems(url, events) }
}

/** A user row's event. */
export function user(id: string, name: string): unknown {
  return room.users.upsert({ value: { id, name } })
}

/** A message row's event. */
export function message(id: string, userId: string, text: string): unknown {
  return room.messages.upsert({ value: { id, userId, text } })
}

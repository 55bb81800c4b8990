import { createStateSchema } from '@streamdb/react'
import type { CreateStreamDBOptions, StreamDB } from '@streamdb/react'
import { z } from 'zod'

export const state = createStateSchema({
  users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
  messages: {
    schema: z.object({ id: z.string(), userId: z.string(), text: z.string() }),
    type: 'message',
    primaryKey: 'id',
  },
})

export type Room = StreamDB<typeof state>

/** Returns the options of the room that the page's address names: made anew each time, as in a component. */
export function roomOptions(): CreateStreamDBOptions<typeof state> {
  const url = new URLSearchParams(location.search).get('stream') ?? ''
  return { streamOptions: { url, warnOnHttp: false }, state }
}

// A worker that makes its database in the global scope, where no timer, random number or request is allowed.

import { createLiveQueryCollection, createStreamDB, eq } from '@streamdb/db'
import { state } from './state.mjs'

const db = createStreamDB({ streamOptions: { url: STREAM_URL, warnOnHttp: false }, state, live: false })

export default {
  async fetch() {
    await db.preload()
    const lines = createLiveQueryCollection((query) =>
      query
        .from({ message: db.collections.messages })
        .innerJoin({ user: db.collections.users }, ({ message, user }) => eq(message.userId, user.id))
        .select(({ message, user }) => ({ name: user.name, text: message.text })),
    )
    await lines.preload()
    return new Response(lines.toArray.map(({ name, text }) => `${name}: ${text}`).join('\n'))
  },
}

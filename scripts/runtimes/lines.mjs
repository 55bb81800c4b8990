// Reads the stream of the first argument, and prints the lines of a live join: by modules.

import { createLiveQueryCollection, eq } from '@tanstack/db'
import { createStreamDB } from '@streamdb/db'
import { state } from './state.mjs'

const url = process.argv[2]
const db = createStreamDB({ streamOptions: { url, warnOnHttp: false }, state, live: false })
await db.preload()
const lines = createLiveQueryCollection((query) =>
  query
    .from({ message: db.collections.messages })
    .innerJoin({ user: db.collections.users }, ({ message, user }) => eq(message.userId, user.id))
    .select(({ message, user }) => ({ name: user.name, text: message.text })),
)
await lines.preload()
console.log(lines.toArray.map(({ name, text }) => `${name}: ${text}`).join('\n'))
db.close()

import { createLiveQueryCollection, createStateSchema, createStreamDB, eq } from '@streamdb/react'

// An application as it would be written outside of this repository. `check-installs.mjs` compiles and runs it against
// the packed packages, as a package manager installs them: a second copy of @tanstack/db breaks its join.

interface User {
  id: string
  name: string
}

interface Message {
  id: string
  userId: string
  text: string
}

const schemaOf = <Row>() => ({
  '~standard': {
    version: 1,
    vendor: 'handwritten',
    validate: (value: unknown) => ({ value: value as Row }),
  } as const,
})

export const state = createStateSchema({
  users: { schema: schemaOf<User>(), type: 'user', primaryKey: 'id' },
  messages: { schema: schemaOf<Message>(), type: 'message', primaryKey: 'id' },
})

/** Reads the stream at `url` into a database, and returns the lines of a join over it. */
export async function run(url: string): Promise<string[]> {
  const events = [
    state.users.insert({ value: { id: 'u1', name: 'Ada' } }),
    state.messages.insert({ value: { id: 'm1', userId: 'u1', text: 'Hello' } }),
  ]
  const headers = { 'content-type': 'application/json' }
  await fetch(url, { method: 'PUT', headers })
  await fetch(url, { method: 'POST', headers, body: JSON.stringify(events) })

  const db = createStreamDB({ streamOptions: { url, contentType: 'application/json' }, state, live: false })
  await db.preload()
  const lines = createLiveQueryCollection((query) =>
    query
      .from({ message: db.collections.messages })
      .innerJoin({ user: db.collections.users }, ({ message, user }) => eq(message.userId, user.id))
      .select(({ message, user }) => ({ id: message.id, name: user.name, text: message.text })),
  )
  await lines.preload()
  const result = lines.toArray.map(({ name, text }) => `${name}: ${text}`)
  db.close()
  return result
}

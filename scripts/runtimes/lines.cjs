// The same by `require`, TanStack DB too: with one copy of it.

const { createLiveQueryCollection, eq } = require('@tanstack/db')
const { createStateSchema, createStreamDB } = require('@streamdb/db')
const { MaterializedState } = require('@streamdb/state')
const { StreamDBError } = require('@streamdb/log')

const schema = { '~standard': { version: 1, vendor: 'handwritten', validate: (value) => ({ value }) } }
const state = createStateSchema({
  users: { schema, type: 'user', primaryKey: 'id' },
  messages: { schema, type: 'message', primaryKey: 'id' },
})

async function main(url) {
  new MaterializedState().apply(state.users.insert({ value: { id: 'u1' } }))
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
  await db.preload().catch((error) => {
    if (!(error instanceof StreamDBError)) throw error
  })
}

void main(process.argv[2])

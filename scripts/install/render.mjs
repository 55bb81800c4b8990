// Renders a live query by the hooks, on the server, and prints what it shows, or why it cannot.

import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { createStreamDB, eq, StreamDBProvider, useLiveQuery, useStreamDB } from '@streamdb/react'
import { state } from './consumer.js'

const [url] = process.argv.slice(2)

function Lines() {
  const { messages, users } = useStreamDB().collections
  const { data } = useLiveQuery({
    query: (q) =>
      q
        .from({ message: messages })
        .innerJoin({ user: users }, ({ message, user }) => eq(message.userId, user.id))
        .select(({ message, user }) => ({ id: message.id, line: message.text, name: user.name })),
  })
  return data.map(({ name, line }) => `${name}: ${line}`)
}

try {
  const db = createStreamDB({ streamOptions: { url, warnOnHttp: false }, state, live: false })
  await db.preload()
  console.log(renderToStaticMarkup(createElement(StreamDBProvider, { db }, createElement(Lines))))
  db.close()
} catch (error) {
  console.log(`${error.code}: ${error.message}`)
}

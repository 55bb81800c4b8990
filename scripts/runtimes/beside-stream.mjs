// What runs beside a stream, in every runtime: a compactor writes a snapshot of it, a reader begins with that, and a session
// is held on a stream of its own.

import { createStreamDB } from '@streamdb/db'
import { compactStream } from '@streamdb/server'
import { openSession } from '@streamdb/session'
import { state } from './state.mjs'

/** Returns the line of a copy of the stream at `url`, read from a snapshot, and that of a session, where they differ. */
export async function readBeside(url) {
  const own = `${url}-${crypto.randomUUID()}`
  const [read, said] = await Promise.all([readSnapshot(url, own), holdSession(`${own}-session`)])
  return read === said ? read : `${read} and ${said}`
}

async function readSnapshot(url, own) {
  const body = await (await fetch(url)).text()
  await fetch(own, { method: 'PUT', headers: { 'content-type': 'application/json' }, body })
  const { type } = await compactStream({ source: own })
  if (type !== 'written') return `no snapshot: ${type}`
  const paths = new Set()
  const watched = (input, init) => {
    paths.add(new URL(input.url ?? input).pathname)
    return fetch(input, init)
  }
  const streamOptions = { url: own, warnOnHttp: false, fetch: watched }
  const db = createStreamDB({ streamOptions, state, snapshots: true, live: false })
  await db.preload()
  const { messages, users } = db.collections
  const lines = messages.toArray.map(({ userId, text }) => `${users.get(userId).name}: ${text}`)
  db.close()
  // The stream, the index of its snapshots, and one of them.
  return paths.size >= 3 ? lines.join('\n') : `not from a snapshot: ${[...paths].join(', ')}`
}

async function holdSession(url) {
  const session = openSession({ url, me: { id: 'Ada', name: 'Ada' } })
  await session.preload()
  const view = session.view()
  const shown = new Promise((resolve) => {
    view.subscribe(() => {
      const [shownMessage] = view.get()
      const text = shownMessage?.parts[0]?.text
      if (text !== undefined) resolve(`${shownMessage.message.author}: ${text}`)
    })
  })
  await session.send('Hello')
  const line = await shown
  session.close()
  return line
}

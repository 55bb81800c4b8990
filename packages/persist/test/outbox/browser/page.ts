import { createStreamDB } from '@streamdb/db'
import { indexedDBStorage } from '@streamdb/persist'
import { room } from '@streamdb/testkit/rooms/state'

const db = createStreamDB({
  ...{ streamOptions: { url: new URL('/stream', location.href).href, warnOnHttp: false }, state: room },
  ...{ storage: indexedDBStorage(), offline: true, onError: () => undefined },
  retry: { initialDelay: 20, maxDelay: 200 },
})

const page = {
  texts: () => [...db.collections.messages.values()].map(({ text }) => text).sort(),
  role: () => db.storage?.tabs.get().role,
  status: () => db.status.name,
  /** Writes a message; resolves when it is stored. */
  async write(id: string): Promise<void> {
    db.collections.messages.insert({ id, userId: 'u', text: id })
    await db.outbox?.whenStored()
  },
  send: (id: string) => void db.collections.messages.insert({ id, userId: 'u', text: id }),
  /** What is kept, and how far it has come. */
  outbox: () => db.outbox?.get().map(({ events, state }) => `${events[0]?.key} ${state.name}`),
}

/** What a test asks of a tab. */
export type OutboxPage = typeof page

Object.assign(globalThis, { page })
void db.preload()

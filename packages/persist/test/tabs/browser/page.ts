import { createStreamDB } from '@streamdb/db'
import { indexedDBStorage } from '@streamdb/persist'
import { room } from '@streamdb/testkit/rooms/state'

const db = createStreamDB({
  streamOptions: { url: new URL('/stream', location.href).href, warnOnHttp: false },
  state: room,
  storage: indexedDBStorage(),
  retry: { initialDelay: 50, maxDelay: 500 },
})

/** What a test asks of a tab. */
export interface TabPage {
  /** The texts of all messages, sorted. */
  texts(): string[]
  role(): string | undefined
  status(): string
  /** Writes a message; resolves when the log has confirmed it. */
  write(id: string): Promise<void>
  /** Writes a message and waits for nothing. */
  send(id: string): void
  close(): void
  /** How often the page came back from the back-forward cache. */
  returns(): number
}

let returns = 0
addEventListener('pageshow', (event) => {
  if (event.persisted) returns++
})

const insert = (id: string): ReturnType<typeof db.transact> =>
  db.transact(() => void db.collections.messages.insert({ id, userId: 'u', text: id }))

const page: TabPage = {
  texts: () => [...db.collections.messages.values()].map(({ text }) => text).sort(),
  role: () => db.storage?.tabs.get().role,
  status: () => db.status.name,
  async write(id) {
    await insert(id).when('settled')
  },
  send: (id) => void insert(id),
  close: () => db.close(),
  returns: () => returns,
}

Object.assign(globalThis, { page })
void db.preload()

// Who is here: each device says so again and again, and whoever falls silent is gone. The whole of it is here.

import { createStateSchema, createStreamDB, keyValue } from '@streamdb/db'
import { z } from 'zod'

const presence = z.object({
  status: z.enum(['online', 'away']),
  /** Milliseconds since the epoch. */
  lastSeen: z.number(),
})
export type Presence = z.infer<typeof presence>

/** In the log: `{ "type": "presence", "key": "ada", "value": { "status": "online", "lastSeen": 1767225600000 }, ... }`. */
export const presenceState = createStateSchema({ presence: keyValue({ schema: presence, type: 'presence' }) })

/** How often somebody says that they are here, and after what silence they are not, in milliseconds. */
const HEARTBEAT = 10_000
const TIMEOUT = 30_000

/** The presence of one user among the others. */
export interface Room {
  /** Who is here, by name, with their status. */
  present(): { readonly user: string; readonly status: Presence['status'] }[]
  setStatus(status: Presence['status']): void
  /** Calls `run` when somebody comes, goes or changes; returns what ends that. */
  subscribe(run: () => void): () => void
  /** Says that the user has gone, and closes; resolves when the others can know it. */
  leave(): Promise<void>
}

/** Enters a room: its stream is for presence alone, so that a log of heartbeats is not in the way of anything else. */
export async function enterRoom(
  user: string,
  streamOptions: { readonly url: string; readonly fetch?: typeof fetch },
): Promise<Room> {
  const db = createStreamDB({
    streamOptions,
    state: presenceState,
    onMissing: 'create',
    // A heartbeat that fails is followed by another one: nobody has to be told.
    onError: () => undefined,
  })
  const { presence } = db.collections
  await db.preload()

  let status: Presence['status'] = 'online'
  const listeners = new Set<() => void>()
  const notify = (): void => listeners.forEach((run) => run())
  const subscription = presence.subscribeChanges(notify)
  const sayHello = (): void => {
    const value = { status, lastSeen: Date.now() }
    if (presence.has(user)) presence.update(user, (row) => void (row.value = value))
    else presence.insert({ key: user, value })
  }
  sayHello()
  const heartbeat = setInterval(() => {
    sayHello()
    // Somebody may have fallen silent, which is no event.
    notify()
  }, HEARTBEAT)

  return {
    present: () =>
      presence.toArray
        .filter(({ value }) => value.lastSeen > Date.now() - TIMEOUT)
        .map(({ key, value }) => ({ user: key, status: value.status }))
        .sort((a, b) => (a.user < b.user ? -1 : 1)),
    setStatus(next) {
      status = next
      sayHello()
    },
    subscribe(run) {
      listeners.add(run)
      return () => void listeners.delete(run)
    },
    async leave() {
      clearInterval(heartbeat)
      subscription.unsubscribe()
      if (presence.has(user)) await presence.delete(user).when('settled')
      db.close()
    },
  }
}

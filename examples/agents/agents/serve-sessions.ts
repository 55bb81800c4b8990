import { openDirectory, openSession } from '@streamdb/session'
import type { DirectoryEntry } from '@streamdb/session'
import { yjsDocuments } from '@streamdb/session/yjs'
import type { Agent } from './agent.ts'

/** How soon a request is sent again that failed: the server may be starting anew. */
const retry = { initialDelay: 250, maxDelay: 2_000 }

/**
 * Lets an agent take part in every session of the directory that is not archived, as they come and go. Resolves when it has
 * joined those that there are, with what hands over its runs and ends it. `token`: says that this process is that agent.
 */
export async function serveSessions(
  address: string,
  agent: Agent,
  token: string,
): Promise<() => Promise<void>> {
  const { name, title, handle, ...options } = agent
  const me = { id: name, kind: 'agent', name: title } as const
  const streamOptions = { headers: { authorization: `Bearer ${token}` } }
  const directory = openDirectory({ url: `${address}/stream/directory`, me, streamOptions, db: { retry } })
  const joined = new Map<string, Joined>()

  function join({ id }: DirectoryEntry): Joined {
    const url = `${address}/stream/sessions/${id}`
    // A process that starts again is the same device: that the one before it is gone is known at once.
    const session = openSession({
      ...{ url, me, device: `process-of-${name}`, streamOptions, db: { retry } },
      documents: yjsDocuments(),
    })
    const worker = session.agent({ ...options, name, title, handle: async (run) => handle(run, session) })
    return {
      ready: worker.ready.catch(() => undefined),
      stopFollowing: directory.follow(id, session),
      stop: async () => worker.stop().finally(() => session.close()),
      close: () => session.close(),
    }
  }

  function update(): void {
    const open = directory.get().filter(({ archived }) => archived !== true)
    for (const entry of open) if (!joined.has(entry.id)) joined.set(entry.id, join(entry))
    for (const [id, session] of joined) {
      if (open.some((entry) => entry.id === id)) continue
      joined.delete(id)
      session.stopFollowing()
      session.close()
    }
  }

  await directory.preload()
  directory.subscribe(update)
  update()
  await Promise.all([...joined.values()].map(async ({ ready }) => ready))
  return async () => {
    await Promise.all([...joined.values()].map(async ({ stop }) => stop()))
    directory.close()
  }
}

/** A session that the agent takes part in. */
interface Joined {
  /** Resolves when the agent has joined, or cannot. */
  readonly ready: Promise<void>
  readonly stopFollowing: () => void
  /** Hands over what is under way. */
  readonly stop: () => Promise<void>
  readonly close: () => void
}

import type { Directory, Session } from '@streamdb/session'
import { addressOf } from './use-route.ts'
import { streamOf } from './workplace.ts'

interface Source {
  readonly session: Session
  readonly directory: Directory
  /** The id of the session. */
  readonly id: string
}

/** Makes another session of what was said until a message, or until now, and goes there. */
export async function forkSession({ session, directory, id }: Source, at?: string): Promise<void> {
  const next = crypto.randomUUID().slice(0, 8)
  const { url } = await session.fork({ at, url: streamOf(next) })
  const { title = 'Session' } = directory.db.collections.sessions.get(id) ?? {}
  void directory.create({ id: next, url, title: `${title}, forked` })
  location.hash = addressOf(next)
}

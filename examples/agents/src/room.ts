import { mainBranch, openSession } from '@streamdb/session'
import type { Session } from '@streamdb/session'
import { retry, streamOf } from './workplace.ts'
import type { Workplace } from './workplace.ts'

/** A session that is open in this window, and the branch of it that is shown. */
export interface Room {
  readonly id: string
  readonly session: Session
  readonly branch: string
  readonly setBranch: (branch: string) => void
}

/** Opens a session for as long as it is shown; returns it with what ends that. */
export function enterSession({ me, fetch, directory }: Workplace, id: string) {
  const session = openSession({ url: streamOf(id), me, streamOptions: { fetch }, db: { retry } })
  const stopFollowing = directory.db.collections.sessions.has(id)
    ? directory.follow(id, session)
    : () => undefined
  return {
    session,
    leave: () => {
      stopFollowing()
      session.close()
    },
  }
}

/** Messages of the branch are sent to it by its name; those of the first one have none. */
export function branchOption(branch: string): { readonly branch?: string } {
  return branch === mainBranch ? {} : { branch }
}

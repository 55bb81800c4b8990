import { LeftIcon, RightIcon } from '@streamdb/example-shared/page'
import { useLiveQuery } from '@streamdb/react'
import { mainBranch } from '@streamdb/session'
import type { Message } from '@streamdb/session'
import { useRoom } from './contexts.ts'

/** Where something else stands at the place of a message in another branch: which one this is, and the way to the others. */
export function Versions({ message }: { readonly message: Message }) {
  const { session, setBranch } = useRoom()
  useLiveQuery(session.collections.branches)
  const all = session.alternatives(message)
  if (all.length < 2) return undefined
  const own = all.indexOf(message.branch ?? mainBranch)
  const move = (by: number): void => setBranch(all[own + by] ?? mainBranch)
  return (
    <span className="versions" role="group" aria-label="Versions">
      <button type="button" aria-label="Version before" disabled={own <= 0} onClick={() => move(-1)}>
        <LeftIcon />
      </button>
      <span>
        {own + 1} of {all.length}
      </span>
      <button
        type="button"
        aria-label="Next version"
        disabled={own >= all.length - 1}
        onClick={() => move(1)}
      >
        <RightIcon />
      </button>
    </span>
  )
}

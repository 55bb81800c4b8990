import { useLiveQuery } from '@streamdb/react'
import type { Run } from '@streamdb/session'
import { useNameOf, useRoom } from './contexts.ts'

/** Says how a run has ended, where it is not done. */
export function RunEnd({ run }: { readonly run: Run }) {
  const { session } = useRoom()
  const nameOf = useNameOf()
  const decisions = useLiveQuery(session.collections.decisions).data
  const stopped = decisions.find(({ subject }) => subject === run.id)
  const agent = nameOf(run.agent)
  switch (run.status) {
    case 'running':
    case 'waiting':
    case 'done':
      return undefined
    case 'interrupted':
      return (
        <p className="run-end">
          The process of {agent} has ended in the middle. It goes on when {agent} runs again.
        </p>
      )
    case 'cancelled':
      return (
        <p className="run-end">{stopped === undefined ? 'Stopped' : `${nameOf(stopped.actor)} stopped it`}</p>
      )
    case 'failed':
      return <p className="run-end bad">It failed: {run.reason ?? run.code}</p>
    case 'superseded':
      return <p className="run-end">A newer message took its place</p>
    case 'skipped':
      return <p className="run-end">Not answered</p>
  }
}

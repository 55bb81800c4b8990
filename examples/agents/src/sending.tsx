import { ClockIcon } from '@streamdb/example-shared/page'
import { useStreamStatus } from '@streamdb/react'
import { useRoom } from './contexts.ts'

/** Says that the log does not have a message yet. */
export function Sending() {
  const { name } = useStreamStatus(useRoom().session.db)
  return (
    <p className="sending">
      <ClockIcon />
      {name === 'live' ? 'Sending…' : 'Waiting for the connection'}
    </p>
  )
}

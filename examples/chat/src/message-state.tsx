import { ClockIcon } from '@streamdb/example-shared/page'
import { useReadable, useStreamStatus } from '@streamdb/react'
import { useChat, useRoom } from './chat-context.ts'
import type { Unsaved } from './use-unsaved.ts'

const labels: Record<Unsaved, string> = { insert: 'Sending…', update: 'Saving…', delete: 'Deleting…' }

/** Says which write of a message is not confirmed by the log yet; nothing when all are. */
export function MessageState({ unsaved }: { readonly unsaved: Unsaved | undefined }) {
  const { network } = useChat()
  const isOff = useReadable(network.isOff)
  const isLive = useStreamStatus(useRoom().db).name === 'live'
  if (unsaved === undefined) return undefined
  return (
    <p className="state">
      <ClockIcon />
      {isOff || !isLive ? 'Waiting for the connection' : labels[unsaved]}
    </p>
  )
}

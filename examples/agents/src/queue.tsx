import { ClockIcon } from '@streamdb/example-shared/page'
import { useLiveQuery } from '@streamdb/react'
import type { QueueItem } from '@streamdb/session'
import { mainBranch } from '@streamdb/session'
import { useNameOf, useRoom } from './contexts.ts'

/** Messages that an agent has not read yet: those that steer it, and those for when it is done. */
export function Queue() {
  const { session, branch } = useRoom()
  const items = useLiveQuery(session.collections.queueItems).data.filter(
    (item) => item.outcome === undefined && (item.branch ?? mainBranch) === branch,
  )
  if (items.length === 0) return undefined
  return (
    <ul role="list" className="queue" aria-label="Waiting">
      {items.map((item) => (
        <QueueRow key={item.id} item={item} />
      ))}
    </ul>
  )
}

function QueueRow({ item }: { readonly item: QueueItem }) {
  const nameOf = useNameOf()
  return (
    <li>
      <ClockIcon />
      <span className="queue-text">{item.parts.map(({ text = '' }) => text).join(' ')}</span>
      <span className="quiet">
        {nameOf(item.author)}, {item.mode === 'steer' ? 'at the next paragraph' : 'after this answer'}
      </span>
    </li>
  )
}

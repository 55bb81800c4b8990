import { ClockIcon } from '@streamdb/example-shared/page'
import type { QueueItem } from '@streamdb/session'
import { useNameOf } from './contexts.ts'

/** Messages that an agent has not read yet: those that steer it, and those for when it is done. */
export function Queue({ items }: { readonly items: readonly QueueItem[] }) {
  const nameOf = useNameOf()
  if (items.length === 0) return undefined
  return (
    <ul role="list" className="queue" aria-label="Waiting">
      {items.map(({ id, parts, author, mode }) => (
        <li key={id}>
          <ClockIcon />
          <span className="queue-text">{parts.map(({ text = '' }) => text).join(' ')}</span>
          <span className="quiet">
            {nameOf(author)}, {mode === 'steer' ? 'at the next paragraph' : 'after this answer'}
          </span>
        </li>
      ))}
    </ul>
  )
}

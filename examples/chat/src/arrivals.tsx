import { useState } from 'react'
import { useRoom } from './chat-context.ts'
import type { MessageView } from './views.ts'

/** How many are kept; a screen reader reads each as it is added. */
const kept = 3

/**
 * Announces others' new messages to screen readers.
 *
 * The list itself cannot: only the rows in sight are in the document, and each would be read when it is scrolled to.
 */
export function Arrivals({ messages }: { readonly messages: readonly MessageView[] }) {
  const { me } = useRoom()
  const [since] = useState(messages.at(-1)?.sentAt ?? 0)
  const news = messages.slice(-kept).filter(({ sentAt, authorId }) => sentAt > since && authorId !== me.id)

  return (
    <div className="visually-hidden" role="log" aria-label="New messages">
      {news.map(({ id, authorName, text, attachment }) => (
        <p key={id}>
          {authorName}: {text} {attachment !== undefined && `Picture ${attachment.name}`}
        </p>
      ))}
    </div>
  )
}

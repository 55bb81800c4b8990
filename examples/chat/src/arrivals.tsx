import { useState } from 'react'
import { useRoom } from './chat-context.ts'
import type { MessageView } from './views.ts'

/** So many of the last are kept: who hears the page hears what is added, however much that is. */
const most = 3

/**
 * Reads out what others say, to those who hear the page.
 *
 * Not the list itself: of that only a part is in the document, and every row that is scrolled to would be read.
 */
export function Arrivals({ messages }: { readonly messages: readonly MessageView[] }) {
  const { me } = useRoom()
  const [since] = useState(messages.at(-1)?.sentAt ?? 0)
  const news = messages.slice(-most).filter(({ sentAt, authorId }) => sentAt > since && authorId !== me.id)

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

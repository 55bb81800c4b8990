import { useRoom } from './chat-context.ts'
import { focusComposer } from './composer.tsx'
import { BinIcon, EditIcon, SmileIcon } from './icons.tsx'
import { emojis } from './reactions.tsx'
import type { MessageView } from './views.ts'

interface MessageActionsProps {
  readonly message: MessageView
  readonly mine: boolean
  /** What is not in the log yet can be neither reacted to nor changed. */
  readonly sent: boolean
  /** Whether the reactions are offered. */
  readonly choosing: boolean
  readonly onChoosing: (choosing: boolean) => void
}

/** What can be done with a message: shown to the pointer on it, and to the focus in it. */
export function MessageActions({ message, mine, sent, choosing, onChoosing }: MessageActionsProps) {
  const { db, acts, editing, me } = useRoom()
  const { id } = message
  if (!sent) return undefined

  function react(emoji: string): void {
    onChoosing(false)
    acts.forget()
    db.actions.react({ messageId: id, userId: me.id, emoji })
  }

  return (
    <div
      className="actions"
      role="group"
      aria-label="What to do with it"
      onKeyDown={({ key }) => key === 'Escape' && onChoosing(false)}
      onBlur={({ currentTarget, relatedTarget }) =>
        relatedTarget !== null && !currentTarget.contains(relatedTarget) && onChoosing(false)
      }
    >
      {choosing ? (
        emojis.map(([emoji, name]) => (
          <button type="button" key={emoji} aria-label={`React with ${name}`} onClick={() => react(emoji)}>
            {emoji}
          </button>
        ))
      ) : (
        <button type="button" aria-label="React" onClick={() => onChoosing(true)}>
          <SmileIcon />
        </button>
      )}
      {mine && (
        <>
          <button type="button" aria-label="Edit" onClick={() => editing.set(id)}>
            <EditIcon />
          </button>
          <button
            type="button"
            aria-label="Delete"
            onClick={() => {
              acts.say('Message deleted', db.actions.remove(id))
              focusComposer()
            }}
          >
            <BinIcon />
          </button>
        </>
      )}
    </div>
  )
}

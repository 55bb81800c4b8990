import { useEffect, useRef } from 'react'
import type { KeyboardEvent, MouseEvent } from 'react'
import { useRoom } from './chat-context.ts'
import { focusComposer } from './composer.tsx'
import { BinIcon, EditIcon, SmileIcon } from '@streamdb/example-shared/page'
import { emojis } from './reactions.tsx'
import type { MessageView } from './views.ts'

interface MessageActionsProps {
  readonly message: MessageView
  readonly mine: boolean
  /** A message that is not in the log yet can be neither reacted to nor changed. */
  readonly sent: boolean
  /** Whether the reactions are offered. */
  readonly choosing: boolean
  readonly onChoosing: (choosing: boolean) => void
  /** That of the message: Tab enters the actions of one message, not of all. */
  readonly tabIndex: 0 | -1
}

/** The actions on a message, shown while the pointer or the focus is in it. */
export function MessageActions({ message, mine, sent, choosing, onChoosing, tabIndex }: MessageActionsProps) {
  const { db, feedback, editing, me } = useRoom()
  const toggle = useRef<HTMLButtonElement>(null)
  const { id } = message
  if (!sent) return undefined

  function toggleChoice({ detail }: MouseEvent): void {
    // The second click of a double click opens nothing, closes nothing, and is never on a reaction.
    if (detail <= 1) onChoosing(!choosing)
  }

  function react(emoji: string): void {
    onChoosing(false)
    toggle.current?.focus()
    feedback.attempt(() => db.actions.react({ messageId: id, userId: me.id, emoji }))
  }

  function onKeyDown({ key }: KeyboardEvent): void {
    if (key !== 'Escape' || !choosing) return
    onChoosing(false)
    toggle.current?.focus()
  }

  return (
    <div
      className="actions"
      role="group"
      aria-label="Actions"
      onKeyDown={onKeyDown}
      onBlur={({ currentTarget, relatedTarget }) =>
        relatedTarget !== null && !currentTarget.contains(relatedTarget) && onChoosing(false)
      }
    >
      <button
        ref={toggle}
        type="button"
        tabIndex={tabIndex}
        aria-label="React"
        title="React"
        aria-expanded={choosing}
        onClick={toggleChoice}
      >
        <SmileIcon />
      </button>
      {choosing && <ReactionChoice onChoose={react} tabIndex={tabIndex} />}
      {mine && (
        <>
          <button
            type="button"
            tabIndex={tabIndex}
            aria-label="Edit"
            title="Edit"
            onClick={() => editing.set(id)}
          >
            <EditIcon />
          </button>
          <button
            type="button"
            tabIndex={tabIndex}
            aria-label="Delete"
            title="Delete"
            onClick={() => {
              feedback.report('Message deleted', () => db.actions.remove(id))
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

interface ReactionChoiceProps {
  readonly onChoose: (emoji: string) => void
  readonly tabIndex: 0 | -1
}

/** The reactions, beside the button that opened them and never under it. */
function ReactionChoice({ onChoose, tabIndex }: ReactionChoiceProps) {
  const choice = useRef<HTMLDivElement>(null)
  // Below the last message the choice would be cut off.
  useEffect(() => {
    choice.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div className="reaction-choice" role="group" aria-label="Reactions" ref={choice}>
      {emojis.map(([emoji, name]) => (
        <button
          type="button"
          key={emoji}
          tabIndex={tabIndex}
          aria-label={`React with ${name}`}
          title={name}
          onClick={() => onChoose(emoji)}
        >
          {emoji}
        </button>
      ))}
    </div>
  )
}

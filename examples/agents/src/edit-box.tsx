import type { MessageView } from '@streamdb/session'
import { useBranches } from '@streamdb/session/react'
import { useLayoutEffect, useRef, useState } from 'react'
import { useAttempt } from './attempts.ts'

interface EditBoxProps {
  readonly view: MessageView
  readonly onEnd: () => void
}

/** Writes a message anew, in a branch of its own: what was said stays where it is. */
export function EditBox({ view, onEnd }: EditBoxProps) {
  const { edit } = useBranches(view.message)
  const attempt = useAttempt()
  const [text, setText] = useState(() => view.parts.map((part) => part.text ?? '').join(''))
  const box = useRef<HTMLTextAreaElement>(null)

  useLayoutEffect(() => {
    box.current?.focus()
    box.current?.setSelectionRange(text.length, text.length)
    // Only when editing starts.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [])

  function save(): void {
    if (text.trim() === '') return
    attempt('The other version was not saved', () => edit(text.trim()))
    onEnd()
  }

  return (
    <form
      className="edit"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <textarea
        ref={box}
        aria-label="Edit the message"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Escape') onEnd()
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault()
            save()
          }
        }}
      />
      <div className="decide">
        <button type="submit" className="primary">
          Save as a version
        </button>
        <button type="button" onClick={onEnd}>
          Cancel
        </button>
      </div>
    </form>
  )
}

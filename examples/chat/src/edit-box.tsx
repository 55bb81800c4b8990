import { useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { useRoom } from './chat-context.ts'
import { focusComposer } from './composer.tsx'

interface EditBoxProps {
  readonly id: string
  readonly text: string
}

/** Edits a message's text. Enter saves it, Escape cancels. */
export function EditBox({ id, text }: EditBoxProps) {
  const { feedback, db, editing } = useRoom()
  const [draft, setDraft] = useState(text)
  const box = useRef<HTMLTextAreaElement>(null)

  useLayoutEffect(() => {
    box.current?.focus()
    box.current?.setSelectionRange(-1, -1)
  }, [])

  function leave(): void {
    editing.set(undefined)
    focusComposer()
  }

  function save(): void {
    const edited = draft.trim()
    if (edited !== '' && edited !== text) {
      feedback.report('Message edited', () => db.actions.edit({ id, text: edited }))
    }
    leave()
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') leave()
    if (event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    save()
  }

  return (
    <div className="edit">
      <textarea
        ref={box}
        rows={1}
        aria-label="Edit the message"
        value={draft}
        onChange={({ target }) => setDraft(target.value)}
        onKeyDown={onKeyDown}
      />
      <p className="ways-out">
        <button type="button" className="primary" onClick={save} disabled={draft.trim() === ''}>
          Save
        </button>
        <button type="button" onClick={leave}>
          Cancel
        </button>
      </p>
    </div>
  )
}

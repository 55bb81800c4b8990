import { useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { useRoom } from './chat-context.ts'
import { focusComposer } from './composer.tsx'

interface EditBoxProps {
  readonly id: string
  readonly text: string
}

/** A message's text, to be written anew. Enter saves it, Escape leaves it. */
export function EditBox({ id, text }: EditBoxProps) {
  const { acts, db, editing } = useRoom()
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
    const words = draft.trim()
    if (words !== '' && words !== text) acts.say('Message edited', db.actions.edit({ id, text: words }))
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
        <button type="button" onClick={save} disabled={draft.trim() === ''}>
          Save
        </button>
        <button type="button" onClick={leave}>
          Cancel
        </button>
      </p>
    </div>
  )
}

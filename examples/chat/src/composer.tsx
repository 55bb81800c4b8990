import { useLayoutEffect, useRef, useState } from 'react'
import type { ChangeEvent, ClipboardEvent, DragEvent, KeyboardEvent } from 'react'
import { useRoom } from './chat-context.ts'
import { ChosenPicture } from './chosen-picture.tsx'
import { PictureIcon, SendIcon } from '@streamdb/example-shared/page'
import { describeLimits, pictureIn, toPicture } from './pictures.ts'
import type { Picture } from './pictures.ts'

const id = 'composer'

/** Moves the focus to the composer. */
export function focusComposer(): void {
  document.getElementById(id)?.focus()
}

/** Writes a message: text, a picture, or both. Enter sends, Shift+Enter starts a line, ArrowUp edits the last one. */
export function Composer() {
  const { outbox, presence, feedback, editing, views, me, name, limits } = useRoom()
  const [text, setText] = useState('')
  const [picture, setPicture] = useState<Picture>()
  const [refusal, setRefusal] = useState<string>()
  const chooser = useRef<HTMLInputElement>(null)
  useLayoutEffect(focusComposer, [])

  function attach(file: File | undefined): void {
    if (file === undefined) return
    setRefusal(undefined)
    toPicture(file, limits).then(setPicture, (error: unknown) => {
      setRefusal(error instanceof Error ? error.message : String(error))
    })
    focusComposer()
  }

  function send(): void {
    if (text.trim() === '' && picture === undefined) return
    outbox.send(text.trim(), picture)
    presence.stops()
    feedback.clear()
    setText('')
    setPicture(undefined)
    setRefusal(undefined)
    focusComposer()
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault()
      send()
    } else if (event.key === 'ArrowUp' && text === '') {
      event.preventDefault()
      editing.set(views.timeline.toArray.filter(({ authorId }) => authorId === me.id).at(-1)?.id)
    }
  }

  function onChange({ target: { value } }: ChangeEvent<HTMLTextAreaElement>): void {
    setText(value)
    if (value.trim() === '') presence.stops()
    else presence.writes()
  }

  function onPaste(event: ClipboardEvent): void {
    const file = pictureIn(event.clipboardData)
    if (file === undefined) return
    event.preventDefault()
    attach(file)
  }

  function onDrop(event: DragEvent): void {
    event.preventDefault()
    attach(pictureIn(event.dataTransfer))
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={onDrop}
    >
      {picture !== undefined && (
        <ChosenPicture picture={picture} maxBytes={limits.maxBytes} onRemove={() => setPicture(undefined)} />
      )}
      {refusal !== undefined && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
      <div className="writing">
        <input
          ref={chooser}
          type="file"
          hidden
          accept={limits.types.join(',')}
          aria-label="Picture"
          onChange={({ target }) => {
            attach(target.files?.[0])
            // Otherwise choosing the same file again would be no change.
            target.value = ''
          }}
        />
        <button
          type="button"
          className="icon-button"
          aria-label="Attach a picture"
          aria-description={describeLimits(limits)}
          title={`Attach a picture: ${describeLimits(limits)}`}
          onClick={() => chooser.current?.click()}
        >
          <PictureIcon />
        </button>
        <textarea
          id={id}
          rows={1}
          aria-label={`Message to the ${name}`}
          placeholder={`Message to the ${name}`}
          value={text}
          onChange={onChange}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <button
          type="submit"
          className="send"
          aria-label="Send"
          disabled={text.trim() === '' && picture === undefined}
        >
          <SendIcon />
        </button>
      </div>
    </form>
  )
}

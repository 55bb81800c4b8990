import { PaperclipIcon, SendIcon } from '@streamdb/example-shared/page'
import type { MessageView } from '@streamdb/session'
import { useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { ChosenFiles } from './chosen-files.tsx'
import { useNameOf, useRoom, useWorkplace } from './contexts.ts'
import { refusalOf } from './file-limits.ts'
import { useActiveRuns } from './status-line.tsx'
import { useSend } from './use-send.ts'
import type { SendMode } from './use-send.ts'
import { useTyping } from './use-typing.ts'

interface ComposerProps {
  readonly messages: readonly MessageView[]
  readonly isFirst: boolean
}

/** Writes a message: to whom, with which files; while an agent answers, whether it is to hear of it now or afterwards. */
export function Composer({ messages, isFirst }: ComposerProps) {
  const { session } = useRoom()
  const { description } = useWorkplace()
  const nameOf = useNameOf()
  const [text, setText] = useState('')
  const [files, setFiles] = useState<readonly File[]>([])
  const [asked, setAsked] = useState<readonly string[]>(['scout'])
  const [chosenMode, setMode] = useState<SendMode>('steer')
  const [refusal, setRefusal] = useState<string>()
  const box = useRef<HTMLTextAreaElement>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const typing = useTyping(session)
  const { send, progress } = useSend(isFirst)
  const running = useActiveRuns(messages)
    .filter(({ status }) => status === 'running')
    .at(-1)
  const mode = running === undefined || files.length > 0 ? 'message' : chosenMode
  const isEmpty = text.trim() === '' && files.length === 0

  // A touch keyboard would cover the session that has just been opened.
  useLayoutEffect(() => {
    if (!matchMedia('(pointer: coarse)').matches) box.current?.focus({ preventScroll: true })
  }, [])

  function attach(list: FileList | null): void {
    const chosen = [...(list ?? [])]
    const wrong = chosen.map((file) => refusalOf(file, description.files)).find((each) => each !== undefined)
    setRefusal(wrong)
    if (wrong === undefined) setFiles([...files, ...chosen])
    box.current?.focus()
  }

  function submit(): void {
    if (isEmpty || progress !== undefined) return
    typing.stops()
    setRefusal(undefined)
    const mentioned = description.agents
      .map(({ id }) => id)
      .filter((id) => new RegExp(`@${id}\\b`, 'i').test(text))
    const written = {
      text: text.trim(),
      files,
      mentions: mentioned.length > 0 ? mentioned : asked,
      mode,
      run: running,
    }
    send(written).then(
      () => {
        setFiles([])
      },
      (error: unknown) => {
        setText(written.text)
        setRefusal(error instanceof Error ? error.message : String(error))
      },
    )
    setText('')
    box.current?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing || event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    submit()
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        attach(event.dataTransfer.files)
      }}
    >
      <ChosenFiles
        files={files}
        progress={progress}
        onRemove={(file) => setFiles(files.filter((each) => each !== file))}
      />
      {refusal !== undefined && (
        <p className="refusal" role="alert">
          {refusal}
        </p>
      )}
      <textarea
        ref={box}
        rows={1}
        aria-label="Message"
        placeholder={
          asked.length === 0 ? 'Message to the people here' : `Message to ${asked.map(nameOf).join(' and ')}`
        }
        value={text}
        onChange={({ target }) => {
          setText(target.value)
          if (target.value.trim() === '') typing.stops()
          else typing.writes()
        }}
        onKeyDown={onKeyDown}
      />
      <div className="writing">
        <input
          ref={chooser}
          type="file"
          hidden
          multiple
          accept={description.files.types.join(',')}
          aria-label="File"
          onChange={({ target }) => {
            attach(target.files)
            // Otherwise choosing the same file again would be no change.
            target.value = ''
          }}
        />
        <button
          type="button"
          className="icon-button"
          aria-label="Attach a file"
          title="Attach a picture or a text"
          onClick={() => chooser.current?.click()}
        >
          <PaperclipIcon />
        </button>
        <div className="asked" role="group" aria-label="Who is asked">
          {description.agents.map(({ id, name }) => (
            <button
              key={id}
              type="button"
              className="chip"
              aria-pressed={asked.includes(id)}
              onClick={() =>
                setAsked(asked.includes(id) ? asked.filter((each) => each !== id) : [...asked, id])
              }
            >
              {name}
            </button>
          ))}
        </div>
        {running !== undefined && (
          <select
            className="mode"
            aria-label="When it is read"
            value={chosenMode}
            onChange={({ target }) => setMode(target.value === 'queue' ? 'queue' : 'steer')}
          >
            <option value="steer">Steer {nameOf(running.agent)} now</option>
            <option value="queue">After this answer</option>
          </select>
        )}
        <button type="submit" className="send" aria-label="Send" disabled={isEmpty || progress !== undefined}>
          <SendIcon />
        </button>
      </div>
    </form>
  )
}

import { PaperclipIcon, SendIcon } from '@streamdb/example-shared/page'
import type { MessageView } from '@streamdb/session'
import { useComposer } from '@streamdb/session/react'
import { useLayoutEffect, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { Asked } from './asked.tsx'
import { ChosenFiles } from './chosen-files.tsx'
import { useNameOf, useWorkplace } from './contexts.ts'
import { refusalOf } from './file-limits.ts'
import { Queue } from './queue.tsx'
import { useFirstTitle } from './use-first-title.ts'

/** Writes a message: to whom, with which files; while an agent answers, whether it is to hear of it now or afterwards. */
export function Composer({ messages }: { readonly messages: readonly MessageView[] }) {
  const { description } = useWorkplace()
  const nameOf = useNameOf()
  const [asked, setAsked] = useState<readonly string[]>(['scout'])
  const [whenBusy, setWhenBusy] = useState<'steer' | 'enqueue'>('steer')
  const composer = useComposer({ whenBusy, draftStorage: 'session' })
  const { text, setText, attach, attachments, canSubmit, submit, isBusy, run, queue, error } = composer
  const [refusal, setRefusal] = useState<string>()
  const box = useRef<HTMLTextAreaElement>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const nameSession = useFirstTitle(messages.length === 0)

  // A touch keyboard would cover the session that has just been opened.
  useLayoutEffect(() => {
    if (!matchMedia('(pointer: coarse)').matches) box.current?.focus({ preventScroll: true })
  }, [])

  function attachAll(files: Iterable<File>): void {
    for (const file of files) {
      const wrong = refusalOf(file, description.files)
      setRefusal(wrong)
      if (wrong !== undefined) break
      attach(file, file.name)
    }
    box.current?.focus()
  }

  function send(): void {
    if (!canSubmit) return
    const mentioned = description.agents
      .map(({ id }) => id)
      .filter((id) => new RegExp(`@${id}\\b`, 'i').test(text))
    setRefusal(undefined)
    nameSession(text)
    void submit({ mentions: mentioned.length > 0 ? mentioned : asked })
    box.current?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing || event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    send()
  }

  const wrong = refusal ?? error?.message
  return (
    <>
      <Queue items={queue} />
      <form
        className="composer"
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault()
          attachAll(event.dataTransfer.files)
        }}
      >
        <ChosenFiles {...composer} attachments={attachments} />
        {wrong !== undefined && (
          <p className="refusal" role="alert">
            {wrong}
          </p>
        )}
        <textarea
          ref={box}
          rows={1}
          aria-label="Message"
          placeholder={
            asked.length === 0
              ? 'Message to the people here'
              : `Message to ${asked.map(nameOf).join(' and ')}`
          }
          value={text}
          onChange={({ target }) => setText(target.value)}
          onKeyDown={onKeyDown}
          onPaste={({ clipboardData }) => attachAll(clipboardData.files)}
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
              attachAll(target.files ?? [])
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
          <Asked asked={asked} onChange={setAsked} />
          {isBusy && run !== undefined && (
            <select
              className="mode"
              aria-label="When it is read"
              value={whenBusy}
              onChange={({ target }) => setWhenBusy(target.value === 'enqueue' ? 'enqueue' : 'steer')}
            >
              <option value="steer">Steer {nameOf(run.agent)} now</option>
              <option value="enqueue">After this answer</option>
            </select>
          )}
          <button type="submit" className="send" aria-label="Send" disabled={!canSubmit}>
            <SendIcon />
          </button>
        </div>
      </form>
    </>
  )
}

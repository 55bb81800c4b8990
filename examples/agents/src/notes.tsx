import { useReadable } from '@streamdb/react'
import type { YjsDocument } from '@streamdb/session/yjs'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useRoom } from './contexts.ts'
import { Carets, Editors } from './editors.tsx'
import { SharedText } from './shared-text.ts'
import { useCarets } from './use-carets.ts'

/** The session's notes: one text that people and agents write at the same time. */
export function Notes() {
  const { session } = useRoom()
  const [document, setDocument] = useState<YjsDocument>()

  useEffect(() => {
    const opened = session.document('notes', { title: 'Notes' })
    // The document is open as long as this is shown.
    // oxlint-disable-next-line react/set-state-in-effect
    setDocument(opened)
    return () => opened.close()
  }, [session])

  return (
    <section className="notes" aria-label="Notes">
      {document === undefined ? undefined : <NotesBox document={document} />}
    </section>
  )
}

const states = {
  connecting: ['Connecting', 'busy'],
  synced: ['Saved', 'good'],
  saving: ['Saving', 'busy'],
  offline: ['Offline', 'bad'],
  closed: ['Closed', 'bad'],
} as const

function NotesBox({ document }: { readonly document: YjsDocument }) {
  const box = useRef<HTMLTextAreaElement>(null)
  const { name } = useReadable(document.status)
  const [label, tone] = states[name]
  const writing = useCarets(document)
  const isReady = name !== 'connecting'

  useLayoutEffect(() => {
    if (box.current === null) return
    const shared = new SharedText(box.current, document.doc.getText('text'), document.awareness)
    return () => shared.stop()
  }, [document])

  return (
    <>
      <header className="notes-header">
        <h2>Notes</h2>
        <span className={`indicator ${tone}`}>
          <span className="light" aria-hidden="true" />
          {label}
        </span>
        <Editors {...writing} />
      </header>
      <div className="notes-body">
        <textarea
          ref={box}
          className="notes-text"
          aria-label="Notes"
          placeholder="Write here together. Quill writes its captions here, too."
          readOnly={!isReady}
          spellCheck={false}
        />
        <Carets {...writing} box={box} />
      </div>
    </>
  )
}

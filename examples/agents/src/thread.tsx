import { DownIcon, ErrorBoundary } from '@streamdb/example-shared/page'
import type { MessageView, SessionView } from '@streamdb/session'
import { useEffect, useRef } from 'react'
import { useWorkplace } from './contexts.ts'
import { MessageRow } from './message-row.tsx'
import { useStickToEnd } from './use-stick-to-end.ts'

interface ThreadProps {
  readonly view: SessionView
  readonly messages: readonly MessageView[]
  /** The message to go to, once it is there. */
  readonly target: Target | undefined
}

/** Where to go: a new object each time, also to where one has been. */
export interface Target {
  readonly message: string
}

/** What was said. Follows what is added while it is scrolled to its end. */
export function Thread({ view, messages, target }: ThreadProps) {
  const { me } = useWorkplace()
  const scroller = useRef<HTMLDivElement>(null)
  const { isAtEnd, toEnd } = useStickToEnd(scroller)
  // Always scroll to the user's own new messages.
  const ownLast = messages.filter(({ message }) => message.author === me.id).at(-1)?.message.id
  const sawFirst = useRef(false)
  useEffect(() => {
    if (sawFirst.current) toEnd()
    sawFirst.current = true
  }, [ownLast, toEnd])

  const reached = useRef<Target>(undefined)
  useEffect(() => {
    if (target === undefined || reached.current === target) return
    const row = scroller.current?.querySelector<HTMLElement>(`[data-message="${CSS.escape(target.message)}"]`)
    if (row === null || row === undefined) return
    reached.current = target
    row.scrollIntoView({ block: 'center' })
    row.querySelector('article')?.focus({ preventScroll: true })
  }, [target, messages])

  return (
    <div className="list">
      <div className="scroller" ref={scroller} tabIndex={-1}>
        <div className="content-column">
          {view.hasOlder && (
            <button type="button" className="small-button older" onClick={() => void view.loadOlder()}>
              Earlier messages
            </button>
          )}
          {messages.length === 0 && <EmptyThread />}
          <ol role="list" aria-label="Messages" className="rows">
            {messages.map((each) => (
              <li key={each.message.id} data-message={each.message.id}>
                <ErrorBoundary
                  resetKey={each}
                  fallback={<p className="unreadable">This message cannot be shown.</p>}
                >
                  <MessageRow view={each} />
                </ErrorBoundary>
              </li>
            ))}
          </ol>
        </div>
      </div>
      {!isAtEnd && (
        <button type="button" className="to-end" onClick={toEnd}>
          <DownIcon />
          To the latest
        </button>
      )}
    </div>
  )
}

function EmptyThread() {
  return (
    <div className="empty">
      <p className="notice-title">Nothing has been said here</p>
      <p className="notice-text">
        Ask Scout what the archive knows, or Quill for a caption. Everybody who opens this session reads the
        same.
      </p>
    </div>
  )
}

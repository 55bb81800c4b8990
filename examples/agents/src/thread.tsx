import { DownIcon, ErrorBoundary } from '@streamdb/example-shared/page'
import type { MessageView, SessionView } from '@streamdb/session'
import { useEffect, useRef } from 'react'
import { useWorkplace } from './contexts.ts'
import { focusComposer } from './focus-composer.ts'
import type { Target } from './go-to.ts'
import { MessageRow } from './message-row.tsx'
import { useStickToEnd } from './use-stick-to-end.ts'

interface ThreadProps {
  readonly view: SessionView
  readonly messages: readonly MessageView[]
  /** The message to go to, once it is there. */
  readonly target: Target | undefined
  readonly onReached: () => void
}

/** What was said. Follows what is added while it is scrolled to its end. */
export function Thread({ view, messages, target, onReached }: ThreadProps) {
  const { me } = useWorkplace()
  const scroller = useRef<HTMLDivElement>(null)
  const { isAtEnd, toEnd } = useStickToEnd(scroller)
  // Always scroll to the user's own new messages; not to one that is loaded with earlier ones.
  const last = messages.at(-1)?.message
  const ownLast = last?.author === me.id ? last.id : undefined
  const sawFirst = useRef(false)
  useEffect(() => {
    if (sawFirst.current && ownLast !== undefined) toEnd()
    sawFirst.current = true
  }, [ownLast, toEnd])

  useEffect(() => {
    // The other branch is shown when the address names it.
    if (target === undefined || (target.name === 'version' && target.from === view.branch)) return
    const row = findRow(scroller.current, target)
    if (row === undefined) return
    row.scrollIntoView({ block: 'center' })
    const button =
      target.name === 'version' &&
      row.querySelector<HTMLElement>(`button[aria-label="${target.button}"]:enabled`)
    const stop = button || row.querySelector('article')
    stop?.focus({ preventScroll: true })
    onReached()
  }, [target, messages, view.branch, onReached])

  // Another branch is another thread: what had the focus is gone with the one before.
  const hasTarget = target !== undefined
  useEffect(() => {
    if (!hasTarget && document.activeElement === document.body) focusComposer()
    // Only when it is shown first.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [])

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

function findRow(scroller: Element | null, target: Target): Element | undefined {
  const rows = [...(scroller?.querySelectorAll('[data-message]') ?? [])]
  const id = target.name === 'message' ? target.message : target.after
  const at = rows.findIndex((row) => row.getAttribute('data-message') === id)
  if (target.name === 'message') return rows[at]
  return id !== undefined && at === -1 ? undefined : rows[at + 1]
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

import { CloseIcon, quantity, SearchIcon } from '@streamdb/example-shared/page'
import type { MessageView, SearchHit } from '@streamdb/session'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import type { KeyboardEvent } from 'react'
import { useNameOf, useRoom } from './contexts.ts'
import { Marked } from './marked.tsx'
import { excerptOf, wordsOf } from './matches.ts'
import { useHighlights } from './use-highlights.ts'

/** How many of what was found are listed, the latest ones. */
const longest = 50

interface SearchBarProps {
  /** Those that are shown: what is found among them is highlighted. */
  readonly messages: readonly MessageView[]
  /** Goes to a message, whether or not it is shown yet. */
  readonly onGo: (message: string) => void
  readonly onEnd: () => void
}

/** Searches the whole conversation, the latest first. The arrow keys go through what is found, Escape ends it. */
export function SearchBar({ messages, onGo, onEnd }: SearchBarProps) {
  const { session, branch } = useRoom()
  const nameOf = useNameOf()
  const [query, setQuery] = useState('')
  const words = wordsOf(useDeferredValue(query))
  const hits = useHits(words.join(' '), messages)
  const bar = useRef<HTMLDivElement>(null)
  const box = useRef<HTMLInputElement>(null)
  useHighlights('.rows .text, .rows .reasoning p', words, messages)

  useEffect(() => {
    const before = document.activeElement
    box.current?.focus()
    // Back to where one was, unless one has gone elsewhere.
    return () => {
      const isLost = document.activeElement === null || document.activeElement === document.body
      if (isLost && before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [session, branch])

  function move(event: KeyboardEvent, by: number): void {
    const stops = [...(bar.current?.querySelectorAll<HTMLElement>('input, .hit') ?? [])]
    const at = stops.findIndex((stop) => stop === document.activeElement)
    event.preventDefault()
    stops[Math.min(stops.length - 1, Math.max(0, at + by))]?.focus()
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape') onEnd()
    if (event.key === 'ArrowDown') move(event, 1)
    if (event.key === 'ArrowUp') move(event, -1)
  }

  return (
    <div className="search" role="search" aria-label="In this conversation" ref={bar} onKeyDown={onKeyDown}>
      <form
        className="search-line"
        onSubmit={(event) => {
          event.preventDefault()
          const [first] = hits
          if (first !== undefined) onGo(first.message.id)
        }}
      >
        <SearchIcon />
        <input
          ref={box}
          type="search"
          aria-label="Search the conversation"
          placeholder="Search the conversation"
          value={query}
          onChange={({ target }) => setQuery(target.value)}
        />
        <span className="quiet" role="status">
          {words.length > 0 &&
            (hits.length === 0 ? 'Nothing found' : `${quantity(hits.length, 'message')} found`)}
        </span>
        <button
          type="button"
          className="icon-button"
          aria-label="End the search"
          title="End the search"
          onClick={onEnd}
        >
          <CloseIcon />
        </button>
      </form>
      {hits.length > 0 && (
        <ol role="list" className="hits" aria-label="Found">
          {hits.slice(0, longest).map(({ message, part, excerpt }) => (
            <li key={part.id}>
              <button type="button" className="hit" onClick={() => onGo(message.id)}>
                <span className="hit-author">{nameOf(message.author)}</span>{' '}
                <span className="hit-text">
                  <Marked text={excerptOf(excerpt, words)} words={words} />
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}

/** Returns what is found, the latest first, and one place a message. */
function useHits(query: string, messages: readonly MessageView[]): readonly SearchHit[] {
  const { session, branch } = useRoom()
  return useMemo(() => {
    const hits = session.search(query, { branch }).reverse()
    return hits.filter(({ message }, index) => index === hits.findIndex((hit) => hit.message === message))
    // What is said meanwhile may be found, too.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [session, branch, query, messages])
}

/** Calls `onSearch` for Ctrl+K, or ⌘K. */
export function useSearchKey(onSearch: () => void): void {
  const latest = useRef(onSearch)
  useEffect(() => {
    latest.current = onSearch
  })
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      latest.current()
      // It may be open already.
      document.querySelector<HTMLElement>('.search input')?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

import { HomeLink } from '@streamdb/example-shared/page'
import { useReadable } from '@streamdb/react'
import { useEffect, useRef } from 'react'
import { useHistory } from './history-context.ts'

interface HeaderProps {
  readonly search: string
  readonly onSearch: (search: string) => void
}

/** The repository, the link to the other examples, and the search box; `/` focuses it, Escape empties it. */
export function Header({ search, onSearch }: HeaderProps) {
  const { repository, branch, head, home } = useReadable(useHistory().description)
  const box = useRef<HTMLInputElement>(null)

  useEffect(() => {
    document.title = `${repository} · history`
  }, [repository])

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof HTMLInputElement) return
      event.preventDefault()
      box.current?.focus()
      box.current?.select()
    }
    document.addEventListener('keydown', focus)
    return () => document.removeEventListener('keydown', focus)
  }, [])

  return (
    <header className="header">
      <h1 className="title">
        <span className="repository">{repository}</span>
        <span className="branch">
          <BranchIcon />
          {branch ?? `detached at ${head?.slice(0, 7) ?? 'nothing'}`}
        </span>
      </h1>
      <HomeLink home={home} />
      <search className="search">
        <SearchIcon />
        <input
          ref={box}
          type="search"
          aria-label="Search commits"
          aria-keyshortcuts="/"
          placeholder="Subjects, authors, ids"
          autoComplete="off"
          spellCheck={false}
          value={search}
          onChange={(event) => onSearch(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onSearch('')
          }}
        />
        <kbd aria-hidden="true">/</kbd>
      </search>
    </header>
  )
}

function BranchIcon() {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="4" cy="3" r="2" />
      <circle cx="4" cy="13" r="2" />
      <circle cx="12" cy="5" r="2" />
      <path d="M4 5v6M12 7c0 3-8 1.5-8 4" />
    </svg>
  )
}

function SearchIcon() {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="7" cy="7" r="4.5" />
      <path d="m10.5 10.5 3.5 3.5" />
    </svg>
  )
}

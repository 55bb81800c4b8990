import { Avatar, fullDate, number, quantity, relativeTime } from '@streamdb/example-shared/page'
import { useLiveQuery, useStreamDB } from '@streamdb/react'
import { useId, useMemo } from 'react'
import { CommitDetails } from './commit-details.tsx'
import type { Database } from './database.ts'
import { createFilesLeft } from './views.ts'
import type { CommitView } from './views.ts'

interface CommitRowProps {
  readonly commit: CommitView
  readonly now: number
  readonly open: boolean
  readonly tabIndex: 0 | -1
  readonly onToggle: () => void
}

/** One commit; while it is open, with its details. */
export function CommitRow({ commit, now, open, tabIndex, onToggle }: CommitRowProps) {
  const details = useId()
  const { files } = useStreamDB<Database>().collections
  // Of the commits that are drawn: a file's row is loaded when the row of its commit is.
  const left = useLiveQuery(useMemo(() => createFilesLeft(files, commit.id), [files, commit.id]))
  const filesLeft = left.data.length
  const { filesChanged } = commit
  return (
    <article className={open ? 'commit open' : 'commit'}>
      <button
        type="button"
        className="row"
        tabIndex={tabIndex}
        aria-expanded={open}
        aria-controls={open ? details : undefined}
        onClick={onToggle}
      >
        <Avatar id={commit.authorId} name={commit.authorName} />
        <span className="subject">{commit.subject || <em>no subject</em>}</span>
        <span className="about">
          <span className="by">{commit.authorName}</span>{' '}
          <span className="touched">
            {filesChanged === 0 ? 'no files' : quantity(filesChanged, 'file')}
            {filesLeft > 0 && <span className="left">, {number(filesLeft)} unchanged since</span>}
          </span>
        </span>
        <time dateTime={commit.committedAt} title={fullDate(commit.committedAt)}>
          {relativeTime(commit.committedAt, now)}
        </time>
        <code className="id">{commit.id.slice(0, 7)}</code>
      </button>
      {open && <CommitDetails id={details} commit={commit} />}
    </article>
  )
}

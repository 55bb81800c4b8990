import { fullDate, number, quantity } from '@streamdb/example-shared/page'
import { inArray, useLiveQuery, useStreamDB } from '@streamdb/react'
import type { Database } from './database.ts'
import { addressOf } from './use-route.ts'
import type { CommitView } from './views.ts'

/** A commit in full: its id, its date, and the files that it changed. */
export function CommitDetails({ id, commit }: { readonly id: string; readonly commit: CommitView }) {
  const { commits, files } = useStreamDB<Database>().collections
  const changed = commits.get(commit.id)?.files ?? []
  const { data } = useLiveQuery(
    {
      query: (q) =>
        changed.length === 0
          ? undefined
          : q.from({ file: files }).where(({ file }) => inArray(file.path, changed)),
    },
    [commit.id, files],
  )
  const existing = new Map(data?.map((file) => [file.path, file]))
  const unlisted = commit.filesChanged - changed.length

  return (
    <div className="details" id={id}>
      <p className="facts">
        <a
          href={addressOf({ search: '', authorId: undefined, commitId: commit.id })}
          title="Link to this commit"
        >
          <code>{commit.id}</code>
        </a>
        <span>{fullDate(commit.committedAt)}</span>
      </p>
      {changed.length === 0 ? (
        <p className="facts">It changes no files.</p>
      ) : (
        <ul className="files" aria-label="Files that this commit changed" tabIndex={0}>
          {changed.map((path) => (
            <ChangedFile key={path} path={path} commitId={commit.id} file={existing.get(path)} />
          ))}
          {unlisted > 0 && <li className="more">and {number(unlisted)} more</li>}
        </ul>
      )}
    </div>
  )
}

interface ChangedFileProps {
  readonly path: string
  readonly commitId: string
  /** The file as it is now; undefined when it no longer exists. */
  readonly file: { readonly lastCommitId: string; readonly changes: number } | undefined
}

/** A path, and what became of the file since. */
function ChangedFile({ path, commitId, file }: ChangedFileProps) {
  const name = path.lastIndexOf('/') + 1
  const since = file?.lastCommitId === commitId ? 'unchanged since' : 'changed later'
  return (
    <li>
      <span className="path">
        <span className="folder">{path.slice(0, name)}</span>
        <span className="name">{path.slice(name)}</span>
      </span>
      <span className="changes">
        {file === undefined ? 'no longer exists' : `${since}, ${quantity(file.changes, 'change')}`}
      </span>
    </li>
  )
}

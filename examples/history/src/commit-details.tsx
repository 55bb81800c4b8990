import { inFull, number, quantity } from '@streamdb/example-shared/page'
import { eq, useLiveQuery, useStreamDB } from '@streamdb/react'
import type { Database } from './database.ts'
import type { CommitView } from './views.ts'

/** More files than this are not listed. */
const most = 200

/** A commit in full, and the files that no later commit has touched. */
export function CommitDetails({ id, commit }: { readonly id: string; readonly commit: CommitView }) {
  const { commits, files } = useStreamDB<Database>().collections
  const { data } = useLiveQuery({
    query: (q) =>
      q
        .from({ commit: commits })
        .where((row) => eq(row.commit.id, commit.id))
        .innerJoin({ file: files }, (row) => eq(row.commit.id, row.file.lastCommitId))
        .select(({ file }) => ({ path: file.path, changes: file.changes }))
        .orderBy(({ file }) => file.path),
  })

  return (
    <div className="details" id={id}>
      <p className="facts">
        <code>{commit.id}</code>
        <span>{inFull(commit.committedAt)}</span>
      </p>
      {data.length === 0 ? (
        <p className="facts">
          {commit.filesChanged === 0
            ? 'Changes no files of its own.'
            : `Later commits changed or removed ${commit.filesChanged === 1 ? 'its file' : `all of its ${number(commit.filesChanged)} files`}.`}
        </p>
      ) : (
        <ul className="files" aria-label="Files that this commit changed last" tabIndex={0}>
          {data.slice(0, most).map(({ path, changes }) => (
            <li key={path}>
              <Path path={path} />
              <span className="changes">{quantity(changes, 'change')}</span>
            </li>
          ))}
          {data.length > most && <li className="more">and {number(data.length - most)} more</li>}
        </ul>
      )}
    </div>
  )
}

/** A path with its folder less loud than its name. */
function Path({ path }: { readonly path: string }) {
  const name = path.lastIndexOf('/') + 1
  return (
    <span className="path" title={path}>
      <span className="folder">{path.slice(0, name)}</span>
      <span className="name">{path.slice(name)}</span>
    </span>
  )
}

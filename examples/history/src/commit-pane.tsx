import { Notice, number, quantity } from '@streamdb/example-shared/page'
import { useReadable } from '@streamdb/react'
import { CommitList } from './commit-list.tsx'
import { FirstLoad } from './first-load.tsx'
import { useHistory } from './history-context.ts'
import type { Route } from './route.ts'
import { Trouble } from './trouble.tsx'
import { everything, isNarrow, useCommits } from './use-commits.ts'
import type { Filter } from './use-commits.ts'
import { navigate } from './use-route.ts'
import type { CommitView } from './views.ts'

/** The commits, or the reason why there are none to see. */
export function CommitPane({ route: { search, authorId, commitId } }: { readonly route: Route }) {
  const { views, reading, description } = useHistory()
  const { firstLoad } = useReadable(reading)
  const expected = useReadable(description).commits
  const filter = { search, authorId }
  const commits = useCommits(filter)
  const total = views.commits.size
  const open = findCommit(commits, commitId)

  return (
    <main className="commits" aria-label="Commits">
      {firstLoad === undefined || (total === 0 && expected > 0) ? (
        <FirstLoad />
      ) : (
        <>
          <Trouble />
          <Summary found={commits.length} total={total} narrow={isNarrow(filter)} />
          {commitId !== undefined && open === undefined && (
            <CommitNotListed commitId={commitId} complete={total >= expected} />
          )}
          {commits.length > 0 ? (
            // Another filter is another list, which starts at its top.
            <CommitList key={JSON.stringify(filter)} commits={commits} open={open?.id} />
          ) : (
            <NothingFound filter={filter} />
          )}
        </>
      )}
    </main>
  )
}

/** Finds the commit whose id begins with `commitId`. */
function findCommit(commits: readonly CommitView[], commitId: string | undefined): CommitView | undefined {
  // The beginning of an id that is too short names too many.
  if (commitId === undefined || commitId.length < 4) return undefined
  return commits.find(({ id }) => id.startsWith(commitId))
}

interface SummaryProps {
  readonly found: number
  readonly total: number
  readonly narrow: boolean
}

function Summary({ found, total, narrow }: SummaryProps) {
  const expected = useReadable(useHistory().description).commits
  return (
    <div className="summary">
      <p role="status">
        {narrow ? `${number(found)} of ${quantity(total, 'commit')}` : quantity(total, 'commit')}
      </p>
      {narrow && (
        <button type="button" className="clear" onClick={() => navigate(everything)}>
          Show all
        </button>
      )}
      {total < expected && (
        <label className="import">
          importing, {Math.floor((100 * total) / expected)}% <progress value={total} max={expected} />
        </label>
      )}
    </div>
  )
}

/** Says that the commit in the address is not in the list, and whether it is in the history. */
function CommitNotListed({ commitId, complete }: { readonly commitId: string; readonly complete: boolean }) {
  const { commits } = useHistory().views
  const short = commitId.slice(0, 12)
  if (findCommit(commits.toArray, commitId) !== undefined) {
    return (
      <p className="not-listed" role="status">
        Commit {short} does not match the filter.
        <button type="button" className="clear" onClick={() => navigate(everything)}>
          Show it
        </button>
      </p>
    )
  }
  return (
    <p className="not-listed" role="status">
      {complete ? `There is no commit ${short} in this history.` : `Commit ${short} is not imported yet.`}
      <button type="button" className="clear" onClick={() => navigate({ commitId: undefined })}>
        Dismiss
      </button>
    </p>
  )
}

function NothingFound({ filter: { search, authorId } }: { readonly filter: Filter }) {
  const author = useHistory().views.authors.toArray.find(({ id }) => id === authorId)
  const among = author === undefined ? 'There is no such author here.' : `among those of ${author.name}`
  return (
    <Notice
      title={search.trim() === '' ? 'No commit matches' : `No commit matches “${search}”`}
      text={authorId === undefined ? undefined : among}
    />
  )
}

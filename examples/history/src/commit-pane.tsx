import { Notice, number, quantity, useStore } from '@streamdb/example-shared/page'
import { CommitList } from './commit-list.tsx'
import { FirstLoad } from './first-load.tsx'
import { useHistory } from './history-context.ts'
import { Trouble } from './trouble.tsx'
import { isNarrow, useCommits } from './use-commits.ts'
import type { Filter } from './use-commits.ts'

interface CommitPaneProps {
  readonly filter: Filter
  readonly onClear: () => void
}

/** The commits, or the reason why there are none to see. */
export function CommitPane({ filter, onClear }: CommitPaneProps) {
  const { views, reading, description } = useHistory()
  const { firstLoad } = useStore(reading)
  const expected = useStore(description).commits
  const commits = useCommits(filter)
  const total = views.commits.size

  return (
    <main className="commits" aria-label="Commits">
      {firstLoad === undefined || (total === 0 && expected > 0) ? (
        <FirstLoad />
      ) : (
        <>
          <Trouble />
          <Summary found={commits.length} total={total} onClear={isNarrow(filter) ? onClear : undefined} />
          {commits.length > 0 ? (
            // Another filter is another list: it begins at its top.
            <CommitList key={JSON.stringify(filter)} commits={commits} />
          ) : (
            <NothingFound filter={filter} />
          )}
        </>
      )}
    </main>
  )
}

interface SummaryProps {
  readonly found: number
  readonly total: number
  readonly onClear: (() => void) | undefined
}

function Summary({ found, total, onClear }: SummaryProps) {
  const expected = useStore(useHistory().description).commits
  return (
    <div className="summary">
      <p role="status">
        {onClear === undefined
          ? quantity(total, 'commit')
          : `${number(found)} of ${quantity(total, 'commit')}`}
      </p>
      {onClear !== undefined && (
        <button type="button" className="clear" onClick={onClear}>
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

function NothingFound({ filter: { search, authorId } }: { readonly filter: Filter }) {
  const author = useHistory().views.authors.toArray.find(({ id }) => id === authorId)
  return (
    <Notice
      title={search.trim() === '' ? 'No commit matches' : `No commit matches “${search}”`}
      text={author === undefined ? undefined : `among those of ${author.name}`}
    />
  )
}

import { ErrorBoundary, useNow, useRowKeys } from '@streamdb/example-shared/page'
import { useReadable } from '@streamdb/react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { CommitRow } from './commit-row.tsx'
import { useHistory } from './history-context.ts'
import { UnreadableCommit } from './unreadable-commit.tsx'
import { navigate } from './use-route.ts'
import type { CommitView } from './views.ts'

/** The estimated height of a row; each one in sight is measured. */
const rowHeight = 61

interface CommitListProps {
  readonly commits: readonly CommitView[]
  /** The id of the commit that shows its details. */
  readonly open: string | undefined
}

/** The commits; only those in sight are in the document. */
export function CommitList({ commits, open }: CommitListProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const toggled = useRef<string>(undefined)
  const arrived = useReadable(useHistory().arrived)
  const now = useNow()

  const virtualizer = useVirtualizer({
    count: commits.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => commits[index]?.id ?? index,
    estimateSize: () => rowHeight,
    overscan: 12,
    // At the top, a new commit moves the others down. Further down, where somebody reads, nothing moves.
    anchorTo: (scroller.current?.scrollTop ?? 0) > 0 ? 'end' : 'start',
  })
  const { current, onKeyDown, onFocus } = useRowKeys(commits.length, virtualizer, {
    selector: 'article > button',
  })

  useEffect(() => {
    // A commit that was clicked is in sight; one that an address names may be anywhere.
    if (open === undefined || open === toggled.current) return
    const index = commits.findIndex(({ id }) => id === open)
    if (index !== -1) virtualizer.scrollToIndex(index, { align: 'center' })
    // Only when another commit is opened: new commits must not scroll the list back.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [open, virtualizer])

  function toggle(id: string): void {
    toggled.current = id
    navigate({ commitId: id === open ? undefined : id })
  }

  return (
    <div className="scroller" ref={scroller}>
      {/* Without a role, Safari does not treat a list without markers as one. */}
      <ol
        role="list"
        aria-label="Commits"
        className="rows"
        style={{ blockSize: virtualizer.getTotalSize() }}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
      >
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const commit = commits[index]
          if (commit === undefined) return undefined
          return (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              aria-setsize={commits.length}
              aria-posinset={index + 1}
              className={arrived.has(commit.id) ? 'new' : undefined}
              style={{ transform: `translateY(${start}px)` }}
            >
              <ErrorBoundary resetKey={commit} fallback={<UnreadableCommit id={commit.id} />}>
                <CommitRow
                  commit={commit}
                  now={now}
                  open={commit.id === open}
                  tabIndex={index === current ? 0 : -1}
                  onToggle={() => toggle(commit.id)}
                />
              </ErrorBoundary>
            </li>
          )
        })}
      </ol>
    </div>
  )
}

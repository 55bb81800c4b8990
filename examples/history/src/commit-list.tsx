import { useNow, useRowKeys, useStore } from '@streamdb/example-shared/page'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef, useState } from 'react'
import { CommitRow } from './commit-row.tsx'
import { useHistory } from './history-context.ts'
import type { CommitView } from './views.ts'

/** About the height of a row; every row that is seen is measured. */
const rowHeight = 61

/** The commits, of which only those in sight are in the document. */
export function CommitList({ commits }: { readonly commits: readonly CommitView[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState<string>()
  const arrived = useStore(useHistory().arrived)
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

  return (
    <div className="scroller" ref={scroller}>
      {/* Safari takes a list without markers for no list, unless it is told. */}
      <ol
        role="list"
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
              <CommitRow
                commit={commit}
                now={now}
                open={commit.id === open}
                tabIndex={index === current ? 0 : -1}
                onToggle={() => setOpen(commit.id === open ? undefined : commit.id)}
              />
            </li>
          )
        })}
      </ol>
    </div>
  )
}

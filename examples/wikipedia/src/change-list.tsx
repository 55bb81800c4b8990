import { ErrorBoundary, Notice, number, quantity, useRowKeys } from '@streamdb/example-shared/page'
import { useLiveQuery } from '@streamdb/react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import { ChangeRow } from './change-row.tsx'
import { isNarrow } from './filter.ts'
import type { Filter, FilteredChanges } from './filter.ts'
import type { Change } from './state.ts'
import { useRowHeight } from './use-row-height.ts'

interface ChangeListProps {
  readonly changes: FilteredChanges
  readonly filter: Filter
  readonly onFilter: (part: Partial<Filter>) => void
}

/** The changes, newest first; only those in sight are in the document. Space holds the list, and lets it go. */
export function ChangeList({ changes, filter, onFilter }: ChangeListProps) {
  const { data, isReady } = useLiveQuery(changes)
  const [held, setHeld] = useState<readonly Change[]>()
  const rows = held ?? data

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'p' || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof HTMLInputElement && event.target.type !== 'radio') return
      setHeld((before) => (before === undefined ? changes.toArray : undefined))
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [changes])

  return (
    <section className="changes" aria-label="List of changes">
      <div className="summary">
        {/* Not a live region: it changes ten times a second. */}
        <p>
          <b>{quantity(rows.length, 'change')}</b>
          {isNarrow(filter) && ' match'}
        </p>
        <button
          type="button"
          className="hold"
          aria-pressed={held !== undefined}
          aria-keyshortcuts="p"
          onClick={() => setHeld(held === undefined ? data : undefined)}
        >
          {held === undefined ? 'Hold' : `Held: ${number(Math.max(0, newer(data, held)))} newer`}{' '}
          <kbd aria-hidden="true">p</kbd>
        </button>
      </div>
      {rows.length > 0 ? (
        <Rows rows={rows} onFilter={onFilter} />
      ) : (
        <Notice
          title={!isReady ? 'Reading the stream…' : isNarrow(filter) ? 'No change matches' : 'No changes yet'}
          busy={isReady ? undefined : true}
        />
      )}
    </section>
  )
}

/** How many of `now` came after the newest of `then`. */
function newer(now: readonly Change[], then: readonly Change[]): number {
  const last = then[0]?.position ?? 0
  const index = now.findIndex(({ position }) => position <= last)
  return index === -1 ? now.length : index
}

function Rows({
  rows,
  onFilter,
}: {
  readonly rows: readonly Change[]
  readonly onFilter: (part: Partial<Filter>) => void
}) {
  const scroller = useRef<HTMLDivElement>(null)
  const rowHeight = useRowHeight()
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => rows[index]?.id ?? index,
    // Every row is as high as this: nothing is measured.
    estimateSize: () => rowHeight,
    overscan: 6,
    // At the top, a new change moves the others down. Further down, where somebody reads, nothing moves.
    anchorTo: (scroller.current?.scrollTop ?? 0) > 0 ? 'end' : 'start',
  })
  useEffect(() => virtualizer.measure(), [rowHeight, virtualizer])
  const { current, onKeyDown, onFocus } = useRowKeys(rows.length, virtualizer, {
    selector: 'article > .title',
  })

  return (
    <div className="scroller" ref={scroller}>
      <ol
        role="list"
        aria-label="Changes"
        className="rows"
        style={{ blockSize: virtualizer.getTotalSize() }}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
      >
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const change = rows[index]
          if (change === undefined) return undefined
          return (
            <li
              key={key}
              data-index={index}
              aria-setsize={rows.length}
              aria-posinset={index + 1}
              style={{ transform: `translateY(${start}px)` }}
            >
              <ErrorBoundary
                resetKey={change}
                fallback={<article className="change">It cannot be shown.</article>}
              >
                <ChangeRow change={change} tabIndex={index === current ? 0 : -1} onFilter={onFilter} />
              </ErrorBoundary>
            </li>
          )
        })}
      </ol>
    </div>
  )
}

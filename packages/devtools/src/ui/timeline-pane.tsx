import { useEffect, useId, useRef, useState } from 'react'
import { parseSearch } from '../model/event-filter.ts'
import { EventDetail } from './event-detail.tsx'
import { FilterBar } from './filter-bar.tsx'
import { noFilterChips } from './filter-chips.ts'
import type { FilterChips } from './filter-chips.ts'
import { formatNumber } from './format.ts'
import { useInspector } from './inspector-context.ts'
import { lineAfterKey } from './list-keys.ts'
import { TimelineRow } from './timeline-row.tsx'
import { useChanges } from './use-changes.ts'
import { useVirtualRows } from './use-virtual-rows.ts'

const rowHeight = 26

/** The line that keys start from, and the filter under which it was one. */
interface Cursor {
  readonly index: number
  readonly search: string
  readonly chips: FilterChips
}

/** The events of the log, transactions as groups, with filters; and the event that is chosen. */
export function TimelinePane() {
  const { source, search, chosen, choose, position } = useInspector()
  const { store, timeline } = source.model
  const [chips, setChips] = useState<FilterChips>(noFilterChips)
  const [cursor, setCursor] = useState<Cursor>()
  const id = useId()
  useChanges(timeline.subscribe)

  useEffect(() => {
    const found = parseSearch(search)
    timeline.setFilter({
      ...found,
      types: new Set([...(found.types ?? []), ...chips.types]),
      effects: new Set([...(found.effects ?? []), ...chips.effects]),
    })
  }, [timeline, search, chips])
  // What is chosen elsewhere is where one goes on; under another filter the lines are others.
  const isSame = cursor?.search === search && cursor.chips === chips
  const active = isSame ? cursor.index : chosen === undefined ? -1 : timeline.indexOf(chosen)
  const setActive = (index: number): void => setCursor({ index, search, chips })

  const { length } = timeline
  const { scroller, rows, height, reveal, scrollToEnd, pageSize } = useVirtualRows(length, rowHeight)
  const isFollowing = useRef(true)
  const lastTop = useRef(0)
  useEffect(() => {
    if (isFollowing.current && position === undefined) scrollToEnd()
  }, [length, position, scrollToEnd])
  useEffect(() => {
    // Only when another event is chosen: what comes meanwhile moves nothing.
    if (chosen !== undefined) reveal(timeline.indexOf(chosen))
  }, [timeline, chosen, reveal])

  function act(index: number): void {
    const line = timeline.line(index)
    if (line === undefined) return
    setActive(index)
    if (line.type === 'group') timeline.toggle(line.group)
    else choose(line.number)
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    const line = timeline.line(active)
    const isGroup = line?.type === 'group'
    if (event.key === 'Enter' || event.key === ' ') act(active)
    else if (isGroup && event.key === (line.isOpen ? 'ArrowLeft' : 'ArrowRight')) act(active)
    else {
      const next = lineAfterKey(event.key, { active, count: length, page: pageSize })
      if (next === undefined) return
      isFollowing.current = next === length - 1
      setActive(next)
      reveal(next)
      const to = timeline.line(next)
      // What is open beside the list follows.
      if (chosen !== undefined && to?.type === 'event') choose(to.number)
    }
    event.preventDefault()
  }

  return (
    <div className="split">
      <section className="main" aria-label="Events">
        <FilterBar chips={chips} onChange={setChips} />
        <div className="columns" aria-hidden="true">
          <span className="cell cell-number">#</span>
          <span className="cell cell-time">Time</span>
          <span className="cell cell-effect">Operation</span>
          <span className="cell cell-type">Type</span>
          <span className="cell cell-key">Key</span>
          <span className="cell cell-value">Value</span>
          <span className="cell cell-who">Who</span>
          <span className="cell cell-size">Size</span>
        </div>
        <div
          ref={scroller}
          className="scroll"
          role="listbox"
          aria-label={`${formatNumber(timeline.matchCount)} events`}
          tabIndex={0}
          aria-activedescendant={rows.some(({ index }) => index === active) ? `${id}-${active}` : undefined}
          onKeyDown={onKeyDown}
          onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
            // The list may have grown since it was scrolled to its end: only a way up ends following.
            if (scrollTop + clientHeight > scrollHeight - 2 * rowHeight) isFollowing.current = true
            else if (scrollTop < lastTop.current) isFollowing.current = false
            lastTop.current = scrollTop
          }}
        >
          <div className="canvas" style={{ height }} role="presentation">
            {rows.map(({ index, top }) => {
              const line = timeline.line(index)
              if (line === undefined) return null
              const number = line.type === 'event' ? line.number : line.first
              const names = [
                'line',
                line.type === 'group' && 'line-group',
                line.type === 'event' && line.isInGroup && 'line-inner',
                index === active && 'active',
                position !== undefined && number >= position && 'later',
              ]
              return (
                <div
                  key={index}
                  id={`${id}-${index}`}
                  className={names.filter(Boolean).join(' ')}
                  style={{ transform: `translateY(${top}px)`, height: rowHeight }}
                  role="option"
                  aria-selected={line.type === 'event' && line.number === chosen}
                  aria-setsize={length}
                  aria-posinset={index + 1}
                  aria-expanded={line.type === 'group' ? line.isOpen : undefined}
                  onClick={() => act(index)}
                >
                  <TimelineRow store={store} line={line} />
                </div>
              )
            })}
          </div>
          {length === 0 && (
            <p className="empty">{timeline.progress < 1 ? 'Searching…' : 'No event matches.'}</p>
          )}
        </div>
      </section>
      {chosen !== undefined && <EventDetail key={chosen} number={chosen} onClose={() => choose(undefined)} />}
    </div>
  )
}

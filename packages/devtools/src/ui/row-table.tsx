import { useId, useMemo, useState } from 'react'
import { fieldOf, keyColumn, tableView } from '../model/table-view.ts'
import type { TableSort } from '../model/table-view.ts'
import { formatNumber, plural, preview } from './format.ts'
import { useInspector } from './inspector-context.ts'
import { lineAfterKey } from './list-keys.ts'
import { useChanges } from './use-changes.ts'
import { useVirtualRows } from './use-virtual-rows.ts'

const rowHeight = 28
/** The least, in pixels. */
const columnWidth = 120

/** The rows of a type as a table, sorted by a column that is pressed. */
export function RowTable({ type }: { readonly type: string }) {
  const { source, position, row: open, openRow } = useInspector()
  const { model, database } = source
  const [sort, setSort] = useState<TableSort>()
  const [active, setActive] = useState(-1)
  const id = useId()
  const version = useChanges(model.store.subscribe)
  // What this client's writes show: only on top of the newest rows.
  const overlay = position === undefined ? database?.overlay().get(type) : undefined
  const view = useMemo(
    () => tableView(model, type, { position, sort }),
    // `version`: the store changed.
    // oxlint-disable-next-line react/exhaustive-deps
    [model, type, position, sort, version],
  )
  const columns = [keyColumn, ...view.columns]
  const { scroller, rows, height, reveal, pageSize } = useVirtualRows(view.rows.length, rowHeight)
  // The same for every row: none is wider than another by what is in it.
  const template = { gridTemplateColumns: `repeat(${columns.length}, minmax(0, 1fr))` }
  const minWidth = columns.length * columnWidth

  function choose(index: number): void {
    const found = view.row(index)
    if (found === undefined) return
    setActive(index)
    openRow({ type, key: found.key })
  }

  function onKeyDown(event: React.KeyboardEvent): void {
    if (event.target !== event.currentTarget) return
    if (event.key === 'Enter' || event.key === ' ') choose(active)
    else {
      const next = lineAfterKey(event.key, { active, count: view.rows.length, page: pageSize })
      if (next === undefined) return
      setActive(next)
      reveal(next)
      if (open !== undefined) choose(next)
    }
    event.preventDefault()
  }

  return (
    <section className="main" aria-label={`Rows of ${type}`}>
      <div className="bar bar-plain">
        <h2 className="bar-title">{type}</h2>
        <span className="matches" role="status">
          {plural(view.rows.length, 'row')}
        </span>
        {position !== undefined && (
          <span className="note">as it stood before event {formatNumber(position)}</span>
        )}
      </div>
      <div
        ref={scroller}
        className="scroll table"
        role="grid"
        aria-label={`Rows of ${type}`}
        aria-rowcount={view.rows.length + 1}
        aria-colcount={columns.length}
        tabIndex={0}
        aria-activedescendant={rows.some(({ index }) => index === active) ? `${id}-${active}` : undefined}
        onKeyDown={onKeyDown}
      >
        <div className="table-head" role="row" aria-rowindex={1} style={{ ...template, minWidth }}>
          {columns.map((column) => (
            <div
              key={column}
              role="columnheader"
              aria-sort={sort?.column !== column ? 'none' : sort.isDescending ? 'descending' : 'ascending'}
            >
              <button type="button" className="sort" onClick={() => setSort(nextSort(sort, column))}>
                {titleOf(column)}
                <span className="arrow" aria-hidden="true">
                  {sort?.column !== column ? '' : sort.isDescending ? '▼' : '▲'}
                </span>
              </button>
            </div>
          ))}
        </div>
        <div className="canvas" style={{ height, minWidth }} role="presentation">
          {rows.map(({ index, top }) => {
            const found = view.row(index)
            if (found === undefined) return null
            const isPending = overlay?.has(found.key) === true
            const value = isPending ? overlay.get(found.key) : found.value
            const isOpen = open?.type === type && open.key === found.key
            const names = ['line', index === active && 'active', isPending && 'pending', isOpen && 'open']
            return (
              <div
                key={index}
                id={`${id}-${index}`}
                className={names.filter(Boolean).join(' ')}
                style={{ ...template, transform: `translateY(${top}px)`, height: rowHeight }}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={isOpen}
                onClick={() => choose(index)}
              >
                {columns.map((column) => (
                  <div
                    key={column}
                    role="gridcell"
                    className={`cell ${kindOf(fieldOf(value, found.key, column))}`}
                  >
                    {preview(fieldOf(value, found.key, column), 120)}
                  </div>
                ))}
              </div>
            )
          })}
        </div>
        {view.rows.length === 0 && <p className="empty">There is no row of this type here.</p>}
      </div>
    </section>
  )
}

function titleOf(column: string): string {
  if (column === keyColumn) return 'key'
  return column === '' ? 'value' : column
}

/** Ascending at first, then descending, then as the rows came. */
function nextSort(sort: TableSort | undefined, column: string): TableSort | undefined {
  if (sort?.column !== column) return { column, isDescending: false }
  return sort.isDescending ? undefined : { column, isDescending: true }
}

function kindOf(value: unknown): string {
  return value === undefined ? 'absent' : `kind-${value === null ? 'null' : typeof value}`
}

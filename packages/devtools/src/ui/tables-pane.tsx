import { plural } from './format.ts'
import { useInspector } from './inspector-context.ts'
import { lineAfterKey } from './list-keys.ts'
import { RowPanel } from './row-panel.tsx'
import { RowTable } from './row-table.tsx'
import { useChanges } from './use-changes.ts'

/** Every type as a table, as it stands or stood; and the history of the row that is chosen. */
export function TablesPane() {
  const { source, position, row, openRow, table, openTable } = useInspector()
  const { model } = source
  useChanges(model.store.subscribe)
  const counts = [...model.rowsAt(position).counts()]
  const type = table ?? counts[0]?.[0]

  const choose = (next: string): void => {
    openTable(next)
    openRow(undefined)
  }

  return (
    <div className="split">
      <nav className="list" aria-label="Collections">
        <div role="tablist" aria-label="Collections" aria-orientation="vertical">
          {counts.map(([each, count], index) => (
            <button
              key={each}
              type="button"
              role="tab"
              className="list-item"
              aria-selected={each === type}
              tabIndex={each === type ? 0 : -1}
              onClick={() => choose(each)}
              onKeyDown={(event) => {
                const next = lineAfterKey(event.key, { active: index, count: counts.length, page: 10 })
                const name = next === undefined ? undefined : counts[next]?.[0]
                if (next === undefined || name === undefined) return
                event.preventDefault()
                choose(name)
                const { children } = event.currentTarget.parentElement ?? {}
                const button = children?.[next]
                if (button instanceof HTMLElement) button.focus()
              }}
            >
              <span className="list-name">{each}</span>
              <span className="count" aria-label={plural(count, 'row')}>
                {count.toLocaleString('en')}
              </span>
            </button>
          ))}
        </div>
        {counts.length === 0 && <p className="empty">No rows yet.</p>}
      </nav>
      {type !== undefined && <RowTable key={type} type={type} />}
      {row !== undefined && row.type === type && (
        <RowPanel key={`${row.type}/${row.key}`} row={row} onClose={() => openRow(undefined)} />
      )}
    </div>
  )
}

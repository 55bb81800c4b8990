import { effects } from '../model/event-block.ts'
import { noFilterChips, toggled } from './filter-chips.ts'
import type { FilterChips } from './filter-chips.ts'
import { formatNumber } from './format.ts'
import { Icon } from './icons.tsx'
import { useInspector } from './inspector-context.ts'

interface FilterBarProps {
  readonly chips: FilterChips
  readonly onChange: (chips: FilterChips) => void
}

/** So many types are offered as chips; the others by `type:` in the search. */
const mostTypes = 12

/** The search, what of a type or an operation is shown, and whether transactions are groups. */
export function FilterBar({ chips, onChange }: FilterBarProps) {
  const { source, search, setSearch } = useInspector()
  const { store, timeline } = source.model
  const isFiltered = search !== '' || chips.types.size + chips.effects.size > 0
  const types = [...store.statistics.types].filter(([type]) => type !== '').slice(0, mostTypes)
  return (
    <div className="bar">
      <label className="search">
        <Icon name="search" />
        <input
          type="search"
          data-search=""
          aria-label="Filter events"
          aria-keyshortcuts="/"
          placeholder="Text, type: key: tx: op: is:own"
          spellCheck={false}
          autoComplete="off"
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
      <div className="chips" role="group" aria-label="Types">
        {types.map(([type, { events }]) => (
          <button
            key={type}
            type="button"
            className="chip"
            aria-pressed={chips.types.has(type)}
            onClick={() => onChange({ ...chips, types: toggled(chips.types, type) })}
          >
            {type} <span className="count">{formatNumber(events)}</span>
          </button>
        ))}
      </div>
      <div className="chips" role="group" aria-label="Operations">
        {effects.slice(0, 4).map((effect) => (
          <button
            key={effect}
            type="button"
            className={`chip chip-${effect}`}
            aria-pressed={chips.effects.has(effect)}
            onClick={() => onChange({ ...chips, effects: toggled(chips.effects, effect) })}
          >
            {effect}
          </button>
        ))}
      </div>
      <span className="space" />
      {isFiltered && (
        <button
          type="button"
          className="button"
          onClick={() => {
            setSearch('')
            onChange(noFilterChips)
          }}
        >
          Clear
        </button>
      )}
      <span className="matches" role="status">
        {isFiltered
          ? `${formatNumber(timeline.matchCount)} of ${formatNumber(store.count)}`
          : formatNumber(store.count)}
        {timeline.progress < 1 && ` · ${Math.floor(timeline.progress * 100)} %`}
      </span>
      <button
        type="button"
        className="button icon-button"
        aria-label="Group by transaction"
        title="Group by transaction (G)"
        aria-pressed={timeline.isGrouped}
        onClick={() => timeline.setGrouped(!timeline.isGrouped)}
      >
        <Icon name="group" />
      </button>
    </div>
  )
}

import { CloseIcon } from '@streamdb/example-shared/page'
import { useEffect, useId, useRef } from 'react'
import { isNarrow } from './filter.ts'
import type { Filter } from './filter.ts'
import { namespaces, types } from './labels.ts'

interface FilterBarProps {
  readonly filter: Filter
  /** The wikis of which there are changes. */
  readonly wikis: readonly string[]
  readonly onChange: (part: Partial<Filter>) => void
  readonly onClear: () => void
}

const bots = { all: 'All', people: 'People', bots: 'Bots' } as const

/** Which changes are shown. `/` focuses the text, Escape empties it. */
export function FilterBar({ filter, wikis, onChange, onClear }: FilterBarProps) {
  const box = useRef<HTMLInputElement>(null)
  const id = useId()

  useEffect(() => {
    const focus = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof HTMLInputElement && event.target.type !== 'radio') return
      event.preventDefault()
      box.current?.focus()
      box.current?.select()
    }
    document.addEventListener('keydown', focus)
    return () => document.removeEventListener('keydown', focus)
  }, [])

  return (
    <search className="filters" aria-label="Filter">
      <div className="text">
        <input
          ref={box}
          type="search"
          aria-label="Title, editor or comment"
          aria-keyshortcuts="/"
          placeholder="Title, editor or comment"
          autoComplete="off"
          spellCheck={false}
          value={filter.text}
          onChange={(event) => onChange({ text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onChange({ text: '' })
          }}
        />
        <kbd aria-hidden="true">/</kbd>
      </div>
      <input
        type="text"
        className="wiki-box"
        aria-label="Wiki"
        placeholder="All wikis"
        list={`${id}-wikis`}
        autoComplete="off"
        spellCheck={false}
        value={filter.wiki}
        onChange={(event) => onChange({ wiki: event.target.value.trim() })}
      />
      <datalist id={`${id}-wikis`}>
        {wikis.map((wiki) => (
          <option key={wiki} value={wiki} />
        ))}
      </datalist>
      <select
        aria-label="Type"
        value={filter.type}
        onChange={(event) => onChange({ type: event.target.value })}
      >
        <option value="">All types</option>
        {Object.entries(types).map(([type, label]) => (
          <option key={type} value={type}>
            {label}
          </option>
        ))}
      </select>
      <select
        aria-label="Namespace"
        value={filter.namespace}
        onChange={(event) => onChange({ namespace: event.target.value })}
      >
        <option value="">All namespaces</option>
        {namespaces.map(([number, label]) => (
          <option key={number} value={number}>
            {label}
          </option>
        ))}
      </select>
      <fieldset className="choice">
        <legend className="visually-hidden">Who made it</legend>
        {(['all', 'people', 'bots'] as const).map((each) => (
          <label key={each}>
            <input
              type="radio"
              name={`${id}-bots`}
              checked={each === filter.bots}
              onChange={() => onChange({ bots: each })}
            />
            <span>{bots[each]}</span>
          </label>
        ))}
      </fieldset>
      {isNarrow(filter) && (
        <button type="button" className="clear" onClick={onClear}>
          <CloseIcon />
          Clear
        </button>
      )}
    </search>
  )
}

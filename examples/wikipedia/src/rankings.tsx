import { number } from '@streamdb/example-shared/page'
import type { Filter } from './filter.ts'
import type { Ranking } from './tallies.ts'
import { rankings } from './tallies.ts'
import type { Figures } from './use-tallies.ts'

const titles: Readonly<Record<Ranking, string>> = { page: 'Pages', user: 'Editors', wiki: 'Wikis' }

/** The pages, editors and wikis with most changes among those that are kept; choosing one filters by it. */
export function Rankings({
  figures,
  onFilter,
}: {
  readonly figures: Figures
  readonly onFilter: (part: Partial<Filter>) => void
}) {
  return (
    <aside className="rankings" aria-label="Rankings">
      <p className="span">Most changes {spanOf(figures.span)}</p>
      {rankings.map((ranking) => (
        <section key={ranking} aria-labelledby={`top-${ranking}`}>
          <h2 id={`top-${ranking}`}>{titles[ranking]}</h2>
          <ol role="list">
            {figures.top[ranking].map(({ name, changes }, _index, all) => (
              <li key={name}>
                <button type="button" className="place" onClick={() => onFilter(filterOf(ranking, name))}>
                  <span className="place-name">
                    {name.slice(name.indexOf('\n') + 1)}
                    {ranking === 'page' && (
                      <span className="place-wiki"> {name.slice(0, name.indexOf('\n'))}</span>
                    )}
                  </span>{' '}
                  <span className="place-count">{number(changes)}</span>
                  <span
                    className="bar"
                    style={{ inlineSize: `${(100 * changes) / (all[0]?.changes ?? 1)}%` }}
                  />
                </button>
              </li>
            ))}
          </ol>
        </section>
      ))}
    </aside>
  )
}

function filterOf(ranking: Ranking, name: string): Partial<Filter> {
  if (ranking === 'wiki') return { wiki: name }
  if (ranking === 'user') return { text: name }
  const end = name.indexOf('\n')
  return { wiki: name.slice(0, end), text: name.slice(end + 1) }
}

/** `200000` -> `in the last 3 min 20 s`. */
function spanOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000))
  return `in the last ${seconds >= 60 ? `${Math.floor(seconds / 60)} min ` : ''}${seconds % 60} s`
}

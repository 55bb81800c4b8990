import { formatNumber, formatSize } from './format.ts'
import { useInspector } from './inspector-context.ts'
import { useChanges } from './use-changes.ts'
import { useNow } from './use-now.ts'

const seconds = 60

/** How much there is of each type, and how fast it comes. */
export function SizesPane() {
  const { source, position } = useInspector()
  const { store } = source.model
  useChanges(store.subscribe)
  const now = useNow()
  const { statistics } = store
  const { total } = statistics
  const rows = source.model.rowsAt(position).counts()
  const types = [...statistics.types].sort(([, one], [, other]) => other.characters - one.characters)
  const last = statistics.seconds(now, seconds)
  const most = Math.max(1, ...last.map(({ events }) => events))
  const sum = last.reduce((before, { events }) => before + events, 0)
  const size = last.reduce((before, { characters }) => before + characters, 0)
  return (
    <div className="page" tabIndex={0} role="region" aria-label="Sizes and rates">
      <section>
        <h2>Rate</h2>
        <p className="figures">
          <Figure name="events a second, over a minute" value={(sum / seconds).toFixed(1)} />
          <Figure name="a second, over a minute" value={formatSize(Math.round(size / seconds))} />
          <Figure name="events in all" value={formatNumber(total.events)} />
          <Figure name="of JSON in all" value={formatSize(total.characters)} />
          <Figure name="events kept here" value={formatNumber(store.count)} />
        </p>
        <div className="spark" role="img" aria-label={`${formatNumber(sum)} events in the last minute`}>
          {last.map(({ time, events }) => (
            <span key={time} style={{ height: `${(100 * events) / most}%` }} />
          ))}
        </div>
      </section>
      <section>
        <h2>Types</h2>
        <table className="sizes">
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col">Rows</th>
              <th scope="col">Events</th>
              <th scope="col">JSON</th>
              <th scope="col">An event</th>
              <th scope="col">Share</th>
            </tr>
          </thead>
          <tbody>
            {types.map(([type, { events, characters }]) => (
              <tr key={type}>
                <th scope="row">{type === '' ? 'control and invalid' : type}</th>
                <td>{formatNumber(rows.get(type) ?? 0)}</td>
                <td>{formatNumber(events)}</td>
                <td>{formatSize(characters)}</td>
                <td>{formatSize(Math.round(characters / events))}</td>
                <td>
                  <span className="share">
                    <span style={{ width: `${(100 * characters) / Math.max(1, total.characters)}%` }} />
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  )
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <span className="figure">
      <strong>{value}</strong> <span>{name}</span>
    </span>
  )
}

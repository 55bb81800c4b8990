import { CopyButton } from './copy-button.tsx'
import { formatNumber, formatTime } from './format.ts'
import { useInspector } from './inspector-context.ts'
import { JsonView } from './json-view.tsx'
import { useChanges } from './use-changes.ts'

/** So many are drawn. */
const mostShown = 200

/** The events that were not applied, and why; each as it came. */
export function InvalidPane() {
  const { source, choose, openPane } = useInspector()
  const { invalid } = source.model
  useChanges(invalid.subscribe)
  const list = invalid.list()
  if (list.length === 0) return <p className="empty">Every event was applied.</p>
  return (
    <div className="page" tabIndex={0} role="region" aria-label="Invalid events">
      <h2>
        Invalid events <span className="count">{formatNumber(invalid.total)}</span>
      </h2>
      <ul className="cards">
        {list.slice(0, mostShown).map((issue, index) => (
          <li key={list.length - index} className="card">
            <p className="card-head">
              <span className="badge badge-invalid">{issue.code}</span>
              {issue.path !== '' && <code>{issue.path}</code>}
              <span className="by">{formatTime(issue.time)}</span>
              <span className="space" />
              {issue.number !== undefined && (
                <button
                  type="button"
                  className="link"
                  onClick={() => {
                    choose(issue.number)
                    openPane('timeline')
                  }}
                >
                  Event {formatNumber(issue.number)}
                </button>
              )}
            </p>
            <p className="problem">{issue.message}</p>
            <dl className="facts">
              <div>
                <dt>Expected</dt>
                <dd>{issue.expected}</dd>
              </div>
              <div>
                <dt>Received</dt>
                <dd>{issue.received}</dd>
              </div>
              {issue.offset !== '' && (
                <div>
                  <dt>Batch ends at</dt>
                  <dd>{issue.offset}</dd>
                </div>
              )}
            </dl>
            <JsonView value={issue.event} label="The event as it came" />
            <div className="actions">
              <CopyButton label="Copy event" text={() => JSON.stringify(issue.event) ?? ''} />
            </div>
          </li>
        ))}
      </ul>
      {list.length > mostShown && <p className="hint">The last {mostShown} are shown.</p>}
    </div>
  )
}

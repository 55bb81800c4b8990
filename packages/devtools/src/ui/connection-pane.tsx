import { formatDuration, formatTime } from './format.ts'
import { useInspector } from './inspector-context.ts'
import { useChanges } from './use-changes.ts'
import { useNow } from './use-now.ts'

/** The life of the connection, tabs and who leads, and what is stored. */
export function ConnectionPane() {
  const { source } = useInspector()
  const { connection, store } = source.model
  useChanges(connection.subscribe)
  useChanges(store.subscribe)
  const now = useNow()
  const entries = connection.entries()
  const current = entries.at(-1)
  const { database } = source
  const tabs = database?.tabs()
  const storage = database?.storage()
  return (
    <div className="page" tabIndex={0} role="region" aria-label="Connection">
      <section>
        <h2>Connection</h2>
        <dl className="facts">
          <div>
            <dt>Stream</dt>
            <dd className="mono">{source.name}</dd>
          </div>
          <div>
            <dt>Status</dt>
            <dd>
              {current?.name ?? 'idle'}
              {current && `, for ${formatDuration(Math.max(0, now - current.since))}`}
              {current?.detail !== undefined && `: ${current.detail}`}
            </dd>
          </div>
          {database !== undefined && (
            <div>
              <dt>Offset</dt>
              <dd className="mono">{database.offset()}</dd>
            </div>
          )}
          <div>
            <dt>This tab</dt>
            <dd>
              {tabs === undefined
                ? 'Nothing is shared between tabs: the database has no storage.'
                : `${tabs.role}. ${tabs.detail ?? ''}`}
            </dd>
          </div>
          <div>
            <dt>Storage</dt>
            <dd>
              {storage?.name ?? 'none'}
              {storage?.savedAt !== undefined && `, saved at ${formatTime(storage.savedAt)}`}
            </dd>
          </div>
        </dl>
        {source.retry !== undefined && current?.name === 'failed' && (
          <button type="button" className="button" onClick={source.retry}>
            Read again
          </button>
        )}
      </section>
      <section>
        <h2>Life</h2>
        <LifeBar entries={entries} now={now} />
        <ol className="life">
          {[...entries].reverse().map(({ name, detail, error, since }, index) => {
            const next = entries[entries.length - index]
            return (
              <li key={entries.length - index}>
                <span className={`dot dot-${name}`} aria-hidden="true" />
                <span className="life-name">{name}</span>
                <span className="by">
                  {formatTime(since)} · {formatDuration(Math.max(0, (next?.since ?? now) - since))}
                </span>
                {detail !== undefined && <span className="by">{detail}</span>}
                {error !== undefined && (
                  <p className="problem">
                    <code>{error.code}</code> {error.message}
                  </p>
                )}
              </li>
            )
          })}
        </ol>
      </section>
    </div>
  )
}

interface LifeBarProps {
  readonly entries: readonly { readonly name: string; readonly since: number }[]
  readonly now: number
}

/** The states as a bar: as wide as they were long. */
function LifeBar({ entries, now }: LifeBarProps) {
  return (
    <div className="life-bar" aria-hidden="true">
      {entries.map(({ name, since }, index) => (
        <span
          key={index}
          className={`life-part dot-${name}`}
          style={{ flexGrow: Math.max(1, (entries[index + 1]?.since ?? now) - since) }}
        />
      ))}
    </div>
  )
}

import { changedFields } from '../model/row-changes.ts'
import type { WriteConflict } from '../model/writes-log.ts'
import { FieldChanges } from './field-changes.tsx'
import { formatNumber, formatTime } from './format.ts'
import { useInspector } from './inspector-context.ts'

/** Updates of this client that met a row which others had changed. */
export function ConflictList({ conflicts }: { readonly conflicts: readonly WriteConflict[] }) {
  const { choose, openPane } = useInspector()
  return (
    <section>
      <h2>
        Conflicts <span className="count">{conflicts.length}</span>
      </h2>
      {conflicts.length === 0 && <p className="hint">No write met a row that others had changed.</p>}
      <ul className="cards">
        {conflicts.map(({ txid, type, key, time, base, theirs, ours, theirEvent }) => (
          <li key={`${txid}/${type}/${key}`} className="card">
            <p className="card-head">
              <span className="badge badge-failed">conflict</span>
              <span className="subject-type">{type}</span> <span className="subject-key">{key}</span>
              <span className="by">{formatTime(time)}</span>
              <span className="space" />
              <button
                type="button"
                className="link"
                onClick={() => {
                  choose(theirEvent)
                  openPane('timeline')
                }}
              >
                Their event {formatNumber(theirEvent)}
              </button>
            </p>
            <h3>They changed</h3>
            <FieldChanges fields={changedFields(base, theirs)} />
            <h3>We changed</h3>
            <FieldChanges fields={changedFields(base, ours)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

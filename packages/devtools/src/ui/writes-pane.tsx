import { ConflictList } from './conflict-list.tsx'
import { FieldChanges } from './field-changes.tsx'
import { changedFields } from '../model/row-changes.ts'
import type { LoggedWrite } from '../model/writes-log.ts'
import { formatDuration, formatTime, plural } from './format.ts'
import { useInspector } from './inspector-context.ts'
import { OutboxList } from './outbox-list.tsx'
import { useChanges } from './use-changes.ts'

/** This client's writes: those under way, what the outbox keeps, conflicts, and those that ended. */
export function WritesPane() {
  const { source } = useInspector()
  const { writes } = source.model
  useChanges(writes.subscribe)
  const list = writes.list()
  const pending = list.filter(({ state }) => state === 'pending' || state === 'acknowledged')
  const settled = list.filter(({ state }) => state === 'confirmed' || state === 'failed')
  if (source.database === undefined) {
    return (
      <p className="empty">
        A stream that is read by its URL has no writes of its own: open the inspector in an application.
      </p>
    )
  }
  return (
    <div className="page" tabIndex={0} role="region" aria-label="Writes">
      <WriteList title="Under way" writes={pending} none="No write is under way." />
      <OutboxList facts={source.database} />
      <ConflictList conflicts={writes.conflicts()} />
      <WriteList title="Settled" writes={settled.slice(0, 200)} none="No write has ended yet." />
    </div>
  )
}

interface WriteListProps {
  readonly title: string
  readonly writes: readonly LoggedWrite[]
  readonly none: string
}

function WriteList({ title, writes, none }: WriteListProps) {
  const { setSearch, openPane } = useInspector()
  return (
    <section>
      <h2>
        {title} <span className="count">{writes.length}</span>
      </h2>
      {writes.length === 0 && <p className="hint">{none}</p>}
      <ul className="cards">
        {writes.map((write) => (
          <li key={write.txid} className="card">
            <p className="card-head">
              <span className={`badge badge-${write.state}`}>{write.state}</span>
              <strong>{write.action ?? 'transaction'}</strong>
              <span className="by">{plural(write.rows.length, 'row')}</span>
              <span className="space" />
              <button
                type="button"
                className="link mono"
                title="Show its events"
                onClick={() => {
                  setSearch(`tx:${write.txid}`)
                  openPane('timeline')
                }}
              >
                {write.txid}
              </button>
            </p>
            <Steps write={write} />
            {write.error !== undefined && (
              <p className="problem">
                <code>{write.error.code}</code> {write.error.message}
              </p>
            )}
            {write.rows.slice(0, 5).map(({ type, key, before, after }) => (
              <div key={`${type}/${key}`} className="written">
                <span className="subject-type">{type}</span> <span className="subject-key">{key}</span>
                <FieldChanges fields={changedFields(before, after).slice(0, 8)} />
              </div>
            ))}
            {write.rows.length > 5 && <p className="hint">and {plural(write.rows.length - 5, 'row')} more</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The steps of a write, with the time between them. */
function Steps({ write: { steps, attempts, nextTry } }: { readonly write: LoggedWrite }) {
  return (
    <ol className="steps">
      {steps.slice(0, 12).map(({ name, time }, index) => (
        <li key={index} className={`step step-${name}`}>
          {name}{' '}
          <span className="by">
            {index === 0 ? formatTime(time) : `+${formatDuration(time - (steps[index - 1]?.time ?? time))}`}
          </span>
        </li>
      ))}
      {attempts > 0 && (
        <li className="step by">
          {plural(attempts, 'failed attempt')}
          {nextTry !== undefined && `, next at ${formatTime(nextTry)}`}
        </li>
      )}
    </ol>
  )
}

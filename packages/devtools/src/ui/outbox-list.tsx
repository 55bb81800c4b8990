import type { DatabaseFacts } from '../feeds/source.ts'
import { formatTime, plural } from './format.ts'
import { useChanges } from './use-changes.ts'

/** What is kept until the log has it; what was refused can be tried again or discarded. */
export function OutboxList({ facts }: { readonly facts: DatabaseFacts }) {
  useChanges(facts.subscribe)
  const entries = facts.outbox()
  return (
    <section>
      <h2>Outbox {entries !== undefined && <span className="count">{entries.length}</span>}</h2>
      {entries === undefined && (
        <p className="hint">
          This database has none: it was created without <code>offline: true</code>.
        </p>
      )}
      {entries?.length === 0 && <p className="hint">The outbox is empty: the log has everything.</p>}
      <ul className="cards">
        {entries?.map(({ txid, action, state, attempts, createdAt, events, error }) => (
          <li key={txid} className="card">
            <p className="card-head">
              <span className={`badge badge-${state}`}>{state}</span>
              <strong>{action ?? 'transaction'}</strong>
              <span className="by">
                {plural(events, 'event')} · kept since {formatTime(createdAt)}
                {attempts > 0 && ` · ${plural(attempts, 'failed attempt')}`}
              </span>
              <span className="space" />
              <span className="mono by">{txid}</span>
            </p>
            {error !== undefined && (
              <p className="problem">
                <code>{error.code}</code> {error.message}
              </p>
            )}
            {state === 'refused' && (
              <div className="actions">
                <button type="button" className="button" onClick={() => facts.retryWrite(txid)}>
                  Send again
                </button>
                <button type="button" className="button danger" onClick={() => facts.discardWrite(txid)}>
                  Discard
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

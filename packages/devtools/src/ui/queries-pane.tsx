import type { DatabaseFacts } from '../feeds/source.ts'
import { formatDuration, formatNumber, formatTime } from './format.ts'
import { useInspector } from './inspector-context.ts'
import { useNow } from './use-now.ts'

/** The live queries that components show, and the collections that they read. */
export function QueriesPane() {
  const { source } = useInspector()
  // Queries have no event for their subscribers: they are checked every second.
  useNow()
  const { database } = source
  if (database === undefined) {
    return (
      <p className="empty">
        A stream that is read by its URL has no queries: open the inspector in an application.
      </p>
    )
  }
  return (
    <div className="page" tabIndex={0} role="region" aria-label="Queries">
      <LiveQueries database={database} />
      <Collections database={database} />
    </div>
  )
}

function LiveQueries({ database }: { readonly database: DatabaseFacts }) {
  const queries = database.queries()
  return (
    <section>
      <h2>
        Live queries <span className="count">{queries.length}</span>
      </h2>
      <table className="sizes" aria-label="Live queries">
        <thead>
          <tr>
            <th scope="col">Query</th>
            <th scope="col">Reads</th>
            <th scope="col">Status</th>
            <th scope="col">Rows</th>
            <th scope="col">Subscribers</th>
            <th scope="col">Ready after</th>
            <th scope="col">Since</th>
          </tr>
        </thead>
        <tbody>
          {queries.map(({ id, sources, status, rows, subscribers, readyAfter, since }) => (
            <tr key={id}>
              <th scope="row" className="mono">
                {id}
              </th>
              <td>{sources.join(', ')}</td>
              <td>{status}</td>
              <td>{formatNumber(rows)}</td>
              <td>{formatNumber(subscribers)}</td>
              <td>{readyAfter === undefined ? '…' : formatDuration(readyAfter)}</td>
              <td>{formatTime(since)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">
        Those that useLiveQuery has shown. How long a query computes, and what it asks for, TanStack DB does
        not tell.
      </p>
    </section>
  )
}

function Collections({ database }: { readonly database: DatabaseFacts }) {
  return (
    <section>
      <h2>Collections</h2>
      <table className="sizes" aria-label="Collections">
        <thead>
          <tr>
            <th scope="col">Collection</th>
            <th scope="col">Type</th>
            <th scope="col">Status</th>
            <th scope="col">Rows</th>
            <th scope="col">Subscribers</th>
          </tr>
        </thead>
        <tbody>
          {database.collections.map(({ name, type, collection }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{type}</td>
              <td>{collection.status}</td>
              <td>{formatNumber(collection.size)}</td>
              <td>{formatNumber(collection.subscriberCount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

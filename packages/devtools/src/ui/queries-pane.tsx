import { formatNumber } from './format.ts'
import { useInspector } from './inspector-context.ts'
import { useNow } from './use-now.ts'

/** What queries read: the collections, their rows, and how many live queries and listeners subscribe to each. */
export function QueriesPane() {
  const { source } = useInspector()
  // Collections tell nobody of their subscribers: they are looked at every second.
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
      <section>
        <h2>Collections</h2>
        <table className="sizes">
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
    </div>
  )
}

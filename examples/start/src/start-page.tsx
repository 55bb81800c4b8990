import { ConnectionIndicator, connectionLabel } from '@streamdb/example-shared/page'
import { useLiveQuery, useStreamDB, useStreamStatus } from '@streamdb/react'
import { ExampleCard } from './example-card.tsx'
import { state } from './state.ts'

const options = {
  streamOptions: { url: new URL('/stream/examples', location.href).href, warnOnHttp: false },
  state,
}

/** The list of the examples: a live query over the stream into which the server writes how each of them fares. */
export function StartPage() {
  const db = useStreamDB(options)
  const status = useStreamStatus(db)
  const { data, error } = useLiveQuery({
    query: (q) => q.from({ example: db.collections.examples }).orderBy(({ example }) => example.place),
  })
  return (
    <div className="page">
      <header className="start-header">
        <h1>StreamDB</h1>
        <ConnectionIndicator label={connectionLabel(status)} />
        <p className="quiet">
          Each example is one folder in <code>examples/</code> and a process of its own. This list is an
          example, too: the server writes into a stream how they fare, and the page is a live query.
        </p>
      </header>
      <main>
        {error && <p role="alert">The list cannot be read: {error.message}</p>}
        <ul className="cards">
          {data.map((example) => (
            <ExampleCard key={example.id} example={example} />
          ))}
        </ul>
      </main>
    </div>
  )
}

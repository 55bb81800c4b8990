import { StreamDBInspector } from '@streamdb/devtools'
import { StreamDBProvider } from '@streamdb/react'
import { useEffect, useState } from 'react'
import { App } from './app.tsx'
import { describe } from './description.ts'
import { HistoryProvider } from './history-context.ts'
import { openHistory } from './history.ts'
import type { History } from './history.ts'

/** Shows a history, and the next one when the server starts a new log. */
export function HistoryPage({ first }: { readonly first: History }) {
  const [history, setHistory] = useState(first)

  useEffect(() => onNewLog(history, setHistory), [history])

  return (
    <StreamDBProvider db={history.db}>
      <HistoryProvider value={history}>
        <App />
        <StreamDBInspector db={history.db} />
      </HistoryProvider>
    </StreamDBProvider>
  )
}

/** Opens the new log when the old one is gone and the server has another; returns what ends that. */
function onNewLog(history: History, onOpened: (history: History) => void): () => void {
  return history.db.subscribeStatus((status) => {
    if (status.name !== 'failed' || status.error.code !== 'stream-not-found') return
    describe().then(
      (description) => {
        if (description.stream === history.description.get().stream) return
        history.db.close()
        onOpened(openHistory(description))
      },
      () => {}, // The status shows what is wrong.
    )
  })
}

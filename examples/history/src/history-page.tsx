import { PageNotice } from '@streamdb/example-shared/page'
import { StreamDBProvider } from '@streamdb/react'
import { useEffect, useState } from 'react'
import { App } from './app.tsx'
import { describe } from './description.ts'
import type { Description } from './description.ts'
import { HistoryProvider } from './history-context.ts'
import { openHistory } from './history.ts'
import type { History } from './history.ts'

/** Opens the history that `description` names, and the next one when the server starts a new log. */
export function HistoryPage({ description: first }: { readonly description: Description }) {
  const [description, setDescription] = useState(first)
  const [history, setHistory] = useState<History>()

  useEffect(() => {
    const opened = openHistory(description)
    setHistory(opened)
    const stop = onNewLog(opened, setDescription)
    return () => {
      stop()
      opened.db.close()
    }
  }, [description])

  if (history === undefined) return <PageNotice title="Opening the history…" busy />
  return (
    <StreamDBProvider db={history.db}>
      <HistoryProvider value={history}>
        <App />
      </HistoryProvider>
    </StreamDBProvider>
  )
}

/** Calls `onNew` when the log is gone and the server has a new one; returns what unsubscribes it. */
function onNewLog(history: History, onNew: (description: Description) => void): () => void {
  return history.db.subscribeStatus((status) => {
    if (status.name !== 'failed' || status.error.code !== 'stream-not-found') return
    describe().then(
      (description) => {
        if (description.stream !== history.description.get().stream) onNew(description)
      },
      () => {}, // The status shows what is wrong.
    )
  })
}

import { Notice } from '@streamdb/example-shared/page'
import { StreamDBProvider } from '@streamdb/react'
import { useEffect, useState } from 'react'
import { App } from './app.tsx'
import { describe } from './description.ts'
import { HistoryProvider } from './history-context.ts'
import { openHistory } from './history.ts'
import type { History } from './history.ts'

type State =
  | { readonly name: 'asking' }
  | { readonly name: 'failed'; readonly error: unknown }
  | { readonly name: 'open'; readonly history: History }

/** Asks the server what it shows, and shows it. */
export function Start() {
  const [state, setState] = useState<State>({ name: 'asking' })
  const asking = state.name === 'asking'
  const history = state.name === 'open' ? state.history : undefined

  useEffect(() => {
    if (!asking) return
    let left = false
    describe().then(
      (description) => left || setState({ name: 'open', history: openHistory(description) }),
      (error: unknown) => left || setState({ name: 'failed', error }),
    )
    return () => {
      left = true
    }
  }, [asking])

  useEffect(
    () => history && followRenewals(history, (next) => setState({ name: 'open', history: next })),
    [history],
  )

  switch (state.name) {
    case 'asking':
      return <Notice title="Opening the history…" busy />
    case 'failed':
      return (
        <Notice
          title="The server does not answer"
          text={state.error instanceof Error ? state.error.message : String(state.error)}
        >
          <button type="button" onClick={() => setState({ name: 'asking' })}>
            Try again
          </button>
        </Notice>
      )
    case 'open':
      return (
        <StreamDBProvider db={state.history.db}>
          <HistoryProvider value={state.history}>
            <App />
          </HistoryProvider>
        </StreamDBProvider>
      )
  }
}

/** Opens the new log when the server began one and the old is gone; returns what ends it. */
function followRenewals(history: History, onRenewed: (history: History) => void): () => void {
  return history.db.subscribeStatus((status) => {
    if (status.name !== 'failed' || status.error.code !== 'stream-not-found') return
    describe().then(
      (description) => {
        if (description.stream === history.description.get().stream) return
        history.db.close()
        onRenewed(openHistory(description))
      },
      () => {}, // The status says what is wrong.
    )
  })
}

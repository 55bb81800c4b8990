import { quantity } from '@streamdb/example-shared/page'
import { useReadable } from '@streamdb/react'
import type { OutboxEntry, StreamOutbox } from '@streamdb/react'
import { useEffect, useState } from 'react'
import { useRoom } from './contexts.ts'

/** Says how many messages wait for the connection, and which of an earlier visit the server has refused. */
export function Unsent() {
  const { outbox } = useRoom().session.db
  return outbox === undefined ? undefined : <Outbox outbox={outbox} />
}

function Outbox({ outbox }: { readonly outbox: StreamOutbox }) {
  const entries = useReadable(outbox)
  // What was written here and is refused is given back where it was written.
  const [earlier] = useState(() => new Set(outbox.get().map(({ txid }) => txid)))
  const waiting = entries.filter((entry) => entry.state.name === 'queued' && textOf(entry) !== '')
  const refused = entries.filter(({ state }) => state.name === 'refused')

  useEffect(() => {
    // By then the tab that has written it has heard of it.
    const timer = setTimeout(() => {
      for (const { txid, state } of outbox.get())
        if (state.name === 'refused' && !earlier.has(txid)) outbox.discard(txid)
    }, 5_000)
    return () => clearTimeout(timer)
  }, [outbox, entries, earlier])

  return (
    <>
      {waiting.length > 0 && (
        <p className="unsent">{quantity(waiting.length, 'message')} waiting to be sent</p>
      )}
      {refused.map((entry) => {
        const { txid, state } = entry
        if (state.name !== 'refused' || !earlier.has(txid)) return undefined
        return (
          <div key={txid} className="unsent" role="group" aria-label="Not sent">
            <p className="refusal">
              Not sent: “{textOf(entry)}”. {state.error.message}
            </p>
            <div className="decide">
              <button type="button" onClick={() => void outbox.retry(txid)}>
                Send again
              </button>
              <button type="button" onClick={() => outbox.discard(txid)}>
                Discard
              </button>
            </div>
          </div>
        )
      })}
    </>
  )
}

/** What a person has written, of all that is written with it. */
function textOf({ events }: OutboxEntry): string {
  return events
    .flatMap(({ type, value }) => {
      if (type === 'part') return textIn(value)
      const parts: unknown = type === 'queueItem' ? Reflect.get(Object(value), 'parts') : undefined
      return Array.isArray(parts) ? parts.flatMap(textIn) : []
    })
    .join(' ')
}

function textIn(part: unknown): readonly string[] {
  const text: unknown = Reflect.get(Object(part), 'text')
  return typeof text === 'string' ? [text] : []
}

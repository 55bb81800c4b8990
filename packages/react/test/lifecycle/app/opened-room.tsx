import { useStreamDB } from '@streamdb/react'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { Lines } from './lines.tsx'
import { roomOptions } from './state.ts'

/** A room that one enters, leaves and writes in. */
export function OpenedRoom(): ReactElement {
  const [isInside, setInside] = useState(true)
  return (
    <main>
      <button type="button" onClick={() => setInside(!isInside)}>
        {isInside ? 'Leave' : 'Enter'}
      </button>
      {isInside && <Inside />}
    </main>
  )
}

function Inside(): ReactElement {
  const db = useStreamDB(roomOptions())
  const [draft, setDraft] = useState('')
  return (
    <>
      <h1>Room</h1>
      <Lines db={db} />
      <input aria-label="Draft" value={draft} onChange={(event) => setDraft(event.target.value)} />
      <button
        type="button"
        onClick={() => db.collections.messages.insert({ id: `sent-${draft}`, userId: 'u1', text: draft })}
      >
        Send
      </button>
    </>
  )
}

import { useLiveSuspenseQuery, useStreamDB } from '@streamdb/react'
import { startTransition, Suspense, useState } from 'react'
import type { ReactElement } from 'react'
import { Lines } from './lines.tsx'
import { roomOptions } from './state.ts'

/** A room whose database is swapped for another one on the same URL. */
export function SwappedRoom(): ReactElement {
  const [epoch, setEpoch] = useState(0)
  const db = useStreamDB(roomOptions(), [epoch])
  return (
    <main>
      <button type="button" onClick={() => setEpoch(epoch + 1)}>
        Swap
      </button>
      <Lines db={db} />
    </main>
  )
}

/** The same in a transition: what is shown stays until the other database is loaded. */
export function SuspendedRoom(): ReactElement {
  const [epoch, setEpoch] = useState(0)
  return (
    <main>
      <button type="button" onClick={() => startTransition(() => setEpoch(epoch + 1))}>
        Swap
      </button>
      <Suspense fallback={<p role="progressbar">loading</p>}>
        <SuspendedLines epoch={epoch} />
      </Suspense>
    </main>
  )
}

function SuspendedLines({ epoch }: { readonly epoch: number }): ReactElement {
  const db = useStreamDB(roomOptions(), [epoch])
  const { data } = useLiveSuspenseQuery({
    query: (q) => q.from({ message: db.collections.messages }).orderBy(({ message }) => message.id),
  })
  return (
    <ul data-epoch={epoch}>
      {data.map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  )
}

import { eq, useLiveQuery, useStreamDB } from '@streamdb/react'
import type { ReactElement } from 'react'
import { Lines } from './lines.tsx'
import { roomOptions } from './state.ts'
import type { Room } from './state.ts'

/** Two databases on one URL, and a live query that joins collections of both. */
export function TwoRooms(): ReactElement {
  const one = useStreamDB(roomOptions(), ['one'])
  const two = useStreamDB(roomOptions(), ['two'])
  const { data } = useLiveQuery({
    query: (q) =>
      q
        .from({ message: one.collections.messages })
        .join({ user: two.collections.users }, ({ message, user }) => eq(message.userId, user.id))
        .select(({ message, user }) => ({ id: message.id, text: message.text, author: user?.name }))
        .orderBy(({ message }) => message.id),
  })
  return (
    <main>
      <Side name="one" db={one} />
      <Side name="two" db={two} />
      <section aria-label="both">
        <ul>
          {data.map(({ id, text, author }) => (
            <li key={id}>{`${author}: ${text}`}</li>
          ))}
        </ul>
      </section>
    </main>
  )
}

function Side({ name, db }: { readonly name: string; readonly db: Room }): ReactElement {
  return (
    <section aria-label={name}>
      <code>{db.collections.messages.id}</code>
      <button type="button" onClick={() => db.close()}>
        Close
      </button>
      <Lines db={db} />
    </section>
  )
}

import { useLiveQuery, useStreamStatus } from '@streamdb/react'
import type { ReactElement } from 'react'
import type { Room } from './state.ts'

/** The messages of a room; until they are loaded, that they are loading. */
export function Lines({ db }: { readonly db: Room }): ReactElement {
  const { name } = useStreamStatus(db)
  const { data, isLoading } = useLiveQuery({
    query: (q) => q.from({ message: db.collections.messages }).orderBy(({ message }) => message.id),
  })
  return (
    <>
      <p role="status">{name}</p>
      {isLoading ? (
        <p role="progressbar">loading</p>
      ) : (
        <ul>
          {data.map(({ id, text }) => (
            <li key={id}>{text}</li>
          ))}
        </ul>
      )}
    </>
  )
}

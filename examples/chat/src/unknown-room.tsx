import { Notice } from '@streamdb/example-shared/page'
import { useChat } from './chat-context.ts'
import { addressOf } from './use-route.ts'

/** Says that the address names a room that does not exist, and offers those that do. */
export function UnknownRoom({ id }: { readonly id: string }) {
  const { rooms, me } = useChat()
  return (
    <main className="pane" aria-label="No such room">
      <Notice title={`There is no room “${id}”`} text="The link may be misspelt or out of date.">
        <ul role="list" className="choices">
          {rooms.map((room) => (
            <li key={room.id}>
              <a className="way" href={addressOf(room.id, me.id)}>
                {room.name}
              </a>
            </li>
          ))}
        </ul>
      </Notice>
    </main>
  )
}

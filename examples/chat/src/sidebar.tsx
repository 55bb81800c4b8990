import { Avatar, number } from '@streamdb/example-shared/page'
import { useLiveQuery } from '@streamdb/react'
import { useChat, useRoom } from './chat-context.ts'
import { ConnectionSwitch } from './connection-switch.tsx'
import type { Room } from './room.ts'
import { useTypists } from './use-typists.ts'
import { useUnread } from './use-unread.ts'
import { addressOf } from './use-route.ts'

/** The rooms, who is in the one that is shown, and the connection. */
export function Sidebar() {
  const { rooms } = useChat()
  const room = useRoom()
  return (
    <aside className="sidebar">
      <nav aria-labelledby="rooms-title">
        <h2 id="rooms-title">Rooms</h2>
        <ul role="list" className="rooms">
          {rooms.map((each) => (
            <li key={each.id}>
              <RoomLink room={each} shown={each === room} />
            </li>
          ))}
        </ul>
      </nav>
      <People key={room.id} room={room} />
      <ConnectionSwitch />
    </aside>
  )
}

function RoomLink({ room, shown }: { readonly room: Room; readonly shown: boolean }) {
  const unread = useUnread(room).count
  return (
    <a className="room" href={addressOf(room.id, room.me.id)} aria-current={shown ? 'page' : undefined}>
      <span className="room-name">{room.name}</span>
      <span className="room-about">{room.about}</span>
      {unread > 0 && (
        <span className="badge">
          {unread > 999 ? '999+' : number(unread)}
          <span className="visually-hidden"> unread</span>
        </span>
      )}
    </a>
  )
}

function People({ room }: { readonly room: Room }) {
  const { data: people } = useLiveQuery({
    query: (q) => q.from({ user: room.db.collections.users }).orderBy(({ user }) => user.name),
  })
  const typing = new Set(useTypists(room).map(({ id }) => id))
  return (
    <section className="people" aria-labelledby="people-title">
      <h2 id="people-title">
        People {people.length > 0 && <span className="tally">{number(people.length)}</span>}
      </h2>
      <ul role="list">
        {people.map(({ id, name }) => (
          <li key={id} className="person">
            <Avatar id={id} name={name} />
            <span>{name}</span>
            {id === room.me.id && <span className="quiet">you</span>}
            {typing.has(id) && <span className="quiet">writing…</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}

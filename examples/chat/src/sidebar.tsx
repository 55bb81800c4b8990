import { Avatar, number } from '@streamdb/example-shared/page'
import { useLiveQuery } from '@streamdb/react'
import { useChat } from './chat-context.ts'
import { ConnectionSwitch } from './connection-switch.tsx'
import type { Room } from './room.ts'
import { addressOf } from './use-route.ts'
import { useTypists } from './use-typists.ts'
import { useUnread } from './use-unread.ts'

/** The rooms, the members of the one that is shown, and the connection. */
export function Sidebar({ room }: { readonly room: Room | undefined }) {
  const { rooms } = useChat()
  const followed = room ?? rooms[0]
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
      {room !== undefined && <Members key={room.id} room={room} />}
      {followed !== undefined && <ConnectionSwitch room={followed} />}
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

/** Everybody who may write in the room. The log does not tell who has a window open now. */
function Members({ room }: { readonly room: Room }) {
  const { data: members } = useLiveQuery({
    query: (q) => q.from({ user: room.db.collections.users }).orderBy(({ user }) => user.name),
  })
  const typing = new Set(useTypists(room).map(({ id }) => id))
  return (
    <section className="members" aria-labelledby="members-title">
      <h2 id="members-title" title="Everybody who may write here, with a window open or not">
        Members {members.length > 0 && <span className="tally">{number(members.length)}</span>}
      </h2>
      <ul role="list">
        {members.map(({ id, name }) => (
          <li key={id} className="member">
            <Avatar id={id} name={name} />
            <span className="member-name">{name}</span>
            {id === room.me.id && <span className="quiet">you</span>}
            {typing.has(id) && <span className="quiet">writing…</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}

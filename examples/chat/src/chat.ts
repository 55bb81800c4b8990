import { Store } from '@streamdb/example-shared/page'
import { chooseOrigins } from './addresses.ts'
import { describe } from './description.ts'
import type { Description, Person } from './description.ts'
import { Network } from './network.ts'
import { openRoom } from './room.ts'
import type { Room } from './room.ts'

/** Everything that a window shows. */
export interface Chat {
  readonly me: Person
  readonly rooms: readonly Room[]
  readonly network: Network
  readonly description: Store<Description>
}

/** How long to wait before asking again for the history that was starting. */
const pause = 1_000

/** Opens the chat as the person whom the page's address names, or as the first. */
export async function openChat(location: Location): Promise<Chat> {
  const [first, originOf] = await Promise.all([describe(), chooseOrigins(location)])
  const asked = new URLSearchParams(location.search).get('as')
  const me = first.people.find(({ id }) => id === asked) ?? first.people[0]
  if (me === undefined) throw new Error('The server knows nobody')

  const network = new Network()
  const rooms = first.rooms.map((place) =>
    openRoom(place, { me, origin: originOf(place.id), fetch: network.fetch }),
  )
  const description = new Store(first)
  followHistory(description)
  return { me, rooms, network, description }
}

/** Asks until the history beside the chat is there, or will not be. */
function followHistory(description: Store<Description>): void {
  if (description.get().history.name !== 'starting') return
  setTimeout(() => {
    describe().then(
      (now) => {
        description.set(now)
        followHistory(description)
      },
      () => {}, // The rooms say that the server is gone.
    )
  }, pause)
}

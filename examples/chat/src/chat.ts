import { Store } from '@streamdb/example-shared/page'
import { chooseOrigins } from './addresses.ts'
import { describe } from './description.ts'
import type { Description, Person } from './description.ts'
import { Network } from './network.ts'
import { openRoom } from './room.ts'
import type { Room } from './room.ts'

/** What a window shows. */
export interface Chat {
  readonly me: Person
  readonly rooms: readonly Room[]
  readonly network: Network
  readonly description: Store<Description>
}

/** What the address of a window names: a chat, or a person whom the server does not know. */
export type OpenedChat =
  | { readonly name: 'chat'; readonly chat: Chat }
  | { readonly name: 'unknown-person'; readonly id: string; readonly people: readonly Person[] }

/** How long to wait before asking again whether the other examples are running, in milliseconds. */
const pollInterval = 1_000

/** Opens the chat as the person whom the address names (`?as=ada`), or as the first one. */
export async function openChat(location: Location): Promise<OpenedChat> {
  const [first, originOf] = await Promise.all([describe(), chooseOrigins(location)])
  const { people, files } = first
  const id = new URLSearchParams(location.search).get('as') ?? people[0]?.id ?? ''
  const me = people.find((person) => person.id === id)
  if (me === undefined) return { name: 'unknown-person', id, people }

  const network = new Network(me.id)
  const rooms = first.rooms.map((place) =>
    openRoom(place, { me, files, origin: originOf(`${place.id}-${me.id}`), fetch: network.fetch }),
  )
  const description = new Store(first)
  pollExamples(description)
  return { name: 'chat', chat: { me, rooms, network, description } }
}

/** Asks until each example beside the chat runs, or is known not to. */
function pollExamples(description: Store<Description>): void {
  const { history, agents } = description.get()
  if (history.name !== 'starting' && agents.name !== 'starting') return
  setTimeout(() => {
    describe().then(
      (now) => {
        description.set(now)
        pollExamples(description)
      },
      () => {}, // The rooms show that the server is gone.
    )
  }, pollInterval)
}

import { Identity } from '@streamdb/example-shared/page'
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
  readonly description: Description
}

/** What the address of a window names: a chat, or a person whom the server does not know. */
export type OpenedChat =
  | { readonly name: 'chat'; readonly chat: Chat }
  | { readonly name: 'unknown-person'; readonly id: string; readonly people: readonly Person[] }

/** Opens the chat as the person whom the address names (`?as=ada`), or as the first one. */
export async function openChat(location: Location): Promise<OpenedChat> {
  const [first, originOf] = await Promise.all([describe(), chooseOrigins(location)])
  const { people, files } = first
  const id = new URLSearchParams(location.search).get('as') ?? people[0]?.id ?? ''
  const me = people.find((person) => person.id === id)
  if (me === undefined) return { name: 'unknown-person', id, people }

  const network = new Network(me.id)
  const identity = new Identity(me.id, network.fetch)
  // What the server does not accept any more is asked for anew.
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await network.fetch(input, init)
    if (response.status === 401) identity.forget()
    return response
  }
  const { authorization } = identity
  const rooms = first.rooms.map((place) =>
    openRoom(place, { me, files, origin: originOf(`${place.id}-${me.id}`), fetch, authorization }),
  )
  return { name: 'chat', chat: { me, rooms, network, description: first } }
}

import { Identity } from '@streamdb/example-shared/page'
import { indexedDBStorage } from '@streamdb/persist'
import { openDirectory } from '@streamdb/session'
import type { Directory } from '@streamdb/session'
import { describe } from './description.ts'
import type { Description, Person } from './description.ts'
import { createNetwork } from './own-network.ts'
import type { OwnNetwork } from './own-network.ts'
import { openProcesses } from './processes.ts'

/** What a window shows: the sessions, who may take part, and how the agents' processes are. */
export interface Workplace {
  readonly me: Person
  readonly description: Description
  readonly directory: Directory
  readonly processes: ReturnType<typeof openProcesses>
  readonly network: OwnNetwork
  /** How streams are asked for: by which way, and as whom. */
  readonly streamOptions: StreamOptions
  /** Where sessions are kept, with what is written and not sent yet. */
  readonly keeping: Keeping
}

/** What every stream of a window is opened with. */
export interface StreamOptions {
  readonly fetch: typeof globalThis.fetch
  readonly headers: { readonly authorization: () => Promise<string> }
}

/** What the address of a window names: a place to work, or a person whom the server does not know. */
export type OpenedWorkplace =
  | { readonly name: 'workplace'; readonly workplace: Workplace }
  | { readonly name: 'unknown-person'; readonly id: string; readonly people: readonly Person[] }

/** People wait for a server to come back: retry sooner than the default, in milliseconds. */
export const retry = { initialDelay: 250, maxDelay: 10_000 }

/** What a database is opened with, so that it is shown at once, and written in without a network. */
export type Keeping = ReturnType<typeof keepFor>

/** Two people who use one browser see nothing of each other's; the tabs of one person share a connection. */
function keepFor(user: string) {
  return { retry, storage: indexedDBStorage({ name: 'streamdb-agents', user }), offline: true } as const
}

/** Opens the sessions as the person whom the address names (`?as=ada`), or as the first one. */
export async function openWorkplace(location: Location): Promise<OpenedWorkplace> {
  const [description, network] = await Promise.all([describe(), createNetwork(location)])
  const { people } = description
  const id = new URLSearchParams(location.search).get('as') ?? people[0]?.id ?? ''
  const me = people.find((person) => person.id === id)
  if (me === undefined) return { name: 'unknown-person', id, people }
  const keeping = keepFor(me.id)
  const streamOptions = signedIn(me.id, network)
  const directory = openDirectory({
    url: `${location.origin}/stream/directory`,
    me,
    streamOptions,
    db: keeping,
  })
  const processes = openProcesses(`${location.origin}/stream/processes`, network.fetch)
  await directory.preload()
  const workplace = { me, description, directory, processes, network, streamOptions, keeping }
  return { name: 'workplace', workplace }
}

/** The server knows whose window this is by a token, which is asked for anew when it accepts it no more. */
function signedIn(id: string, network: OwnNetwork): StreamOptions {
  const identity = new Identity(id, async (input, init) => fetch(input, init))
  return {
    headers: { authorization: identity.authorization },
    fetch: async (input, init) => {
      const response = await network.fetch(input, init)
      if (response.status === 401) identity.forget()
      return response
    },
  }
}

/** Returns the address of a session's stream. */
export function streamOf(id: string): string {
  return `${location.origin}/stream/sessions/${id}`
}

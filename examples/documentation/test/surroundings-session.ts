// What the reader of an example of @streamdb/session has at hand: a session with a message, a user, components of an
// application, and what the toolkits' own packages have.

import { openSession } from '@streamdb/session'
import type { MessageView, Part } from '@streamdb/session'
import { id, url } from './surroundings.ts'

export { id, url, z } from './surroundings.ts'

export const session = openSession({ url: `${url}-session`, me: { id: 'ada' }, presence: false })
await session.preload()
const { id: said } = await session.send('Hello')

export const user = { id: 'ada', name: 'Ada' }
export const part: Part = { id: `${said}.0`, message: said, index: 0, kind: 'text', state: 'done' }
export const view: MessageView = {
  message: { id: said, role: 'user', author: user.id },
  parts: [part],
  isPending: false,
}

const nothing = (): null => null
export const Messages = nothing
export const SessionList = nothing
export const Message: (props: { readonly view: MessageView }) => null = nothing
export const Entry: (props: {
  readonly title: string | undefined
  readonly unread: number
  readonly isRunning: boolean
}) => null = nothing

// Of TanStack AI.
export const useChat = (options: object): object => options
export const chat: (options: object) => AsyncIterable<object> = async function* () {}
export const toServerSentEventsResponse = (_stream: unknown, _options: object): Response => new Response()
export const adapter = {}
export const tools: readonly object[] = []
export const stream = {}

/** The directory of an example that begins with one. */
export const directoryUrl = `${url}-directory-${id}`

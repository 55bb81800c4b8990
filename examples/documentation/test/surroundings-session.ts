// What the reader of an example of @streamdb/session has at hand: a session with a message, a user, components of an
// application, and what the toolkits' own packages have.

import { openSession } from '@streamdb/session'
import type { MessageView, Part } from '@streamdb/session'
import { sessionTransport } from '@streamdb/session/ai-sdk'
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

export const transport = sessionTransport(session)
type ChatMessages = ReturnType<typeof transport.messages>

// Of React, TanStack AI and the AI SDK.
export { useEffect, useState } from 'react'
export const useChat = (
  _options: object,
): { readonly messages: ChatMessages; readonly status: string; readonly error?: Error } => ({
  messages: [],
  status: 'ready',
})
export class Chat {
  readonly status = 'ready'
  messages: ChatMessages
  constructor({ messages = [] }: { readonly transport: object; readonly messages?: ChatMessages }) {
    this.messages = messages
  }
  resumeStream(): Promise<void> {
    return Promise.resolve()
  }
}
export const model = {}
export const streamText = (_options: object): { toUIMessageStream(): ReadableStream<never> } => ({
  toUIMessageStream: () => new ReadableStream<never>(),
})
export const convertToModelMessages = (messages: readonly object[]): Promise<readonly object[]> =>
  Promise.resolve(messages)
export const chat: (options: object) => AsyncIterable<object> = async function* () {}
export const toServerSentEventsResponse = (_stream: unknown, _options: object): Response => new Response()
export const adapter = {}
export const tools: readonly object[] = []
export const stream = {}

/** The directory of an example that begins with one. */
export const directoryUrl = `${url}-directory-${id}`

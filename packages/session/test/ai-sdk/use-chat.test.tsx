// @vitest-environment jsdom
import { Chat, useChat } from '@ai-sdk/react'
import { eventually } from '@streamdb/testkit'
import { act, cleanup, render, screen } from '@testing-library/react'
import type { UIMessageChunk } from 'ai'
import { StrictMode, useEffect, useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { followChat, sessionTransport, writeUIMessageStream } from '../../src/ai-sdk/index.ts'
import type { Session } from '../../src/index.ts'
import { newSessionUrl, open } from '../support/sessions.ts'
import { pushStream, statuses } from './support.ts'

afterEach(cleanup)

type Shown = Pick<ReturnType<typeof useChat>, 'messages' | 'status'>

function Page({
  name,
  messages,
  status,
  onSend,
  onStop,
}: Shown & Record<'onSend' | 'onStop', () => void> & { readonly name: string }) {
  return (
    <section aria-label={name}>
      {messages.map(({ id, parts }) => (
        <p key={id}>{parts.map((part) => (part.type === 'text' ? part.text : part.type)).join('|')}</p>
      ))}
      <button onClick={onSend}>{`${name} sends`}</button>
      <button onClick={onStop}>{`${name} stops`}</button>
      <output>{status}</output>
    </section>
  )
}

/** What the documents show: a chat that follows its session. */
function Following({ session, name }: { readonly session: Session; readonly name: string }) {
  const [transport] = useState(() => sessionTransport(session))
  const [chat] = useState(() => new Chat({ transport, messages: transport.messages() }))
  useEffect(() => followChat(chat, transport), [chat, transport])
  const { messages, sendMessage, status } = useChat({ chat })
  return (
    <Page
      {...{ name, messages, status }}
      onSend={() => void sendMessage({ text: `From ${name}` })}
      onStop={() => void transport.stop()}
    />
  )
}

/** The transport alone, with what the toolkit does by itself. */
function Plain({ session, name }: { readonly session: Session; readonly name: string }) {
  const [transport] = useState(() => sessionTransport(session))
  const { messages, sendMessage, stop, status } = useChat({
    transport,
    messages: transport.messages(),
    resume: true,
  })
  return (
    <Page
      {...{ name, messages, status }}
      onSend={() => void sendMessage({ text: `From ${name}` })}
      onStop={() => void stop()}
    />
  )
}

function shown(name: string): string[] {
  return [...screen.getByLabelText(name).querySelectorAll('p, output')].map(({ textContent }) => textContent)
}

test('[A58] useChat: two people see one conversation, also who mounts later, and stop reaches a run that was resumed', async () => {
  const models: ReturnType<typeof pushStream<UIMessageChunk>>[] = []
  const url = await newSessionUrl()
  // A page has few connections to an origin.
  const host = await open(url, 'host', { presence: false })
  const agent = host.agent({
    name: 'bot',
    handle(run) {
      const model = pushStream<UIMessageChunk>()
      models.push(model)
      return writeUIMessageStream(run, model.stream)
    },
  })
  await agent.ready
  const ada = await open(url, 'ada', { presence: false })
  const ben = await open(url, 'ben', { presence: false })
  render(
    <StrictMode>
      <Following session={ben} name="Ben" />
    </StrictMode>,
  )
  render(<Following session={ada} name="Ada" />)
  act(() => screen.getByText('Ada sends').click())
  await eventually(() => expect(models).toHaveLength(1))
  models[0]?.push(
    { type: 'start' },
    { type: 'tool-input-start', toolCallId: 'c', toolName: 'add' },
    { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"a"' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'One' },
  )
  const half = ['From Ada', 'tool-add|One', 'streaming']
  await eventually(() => expect(shown('Ada')).toEqual(half))
  await eventually(() => expect(shown('Ben')).toEqual(half))

  // A page that is loaded in mid answer, twice mounted as StrictMode does, has no text twice.
  render(
    <StrictMode>
      <Plain session={ben} name="Cleo" />
    </StrictMode>,
  )
  await eventually(() => expect(shown('Cleo')).toEqual(half))
  models[0]?.push({ type: 'text-delta', id: 't', delta: ' two' })
  for (const name of ['Ada', 'Ben', 'Cleo'])
    await eventually(() => expect(shown(name)).toEqual(['From Ada', 'tool-add|One two', 'streaming']))
  act(() => screen.getByText('Ben stops').click())
  for (const name of ['Ada', 'Ben', 'Cleo'])
    await eventually(() => expect(shown(name)).toEqual(['From Ada', 'tool-add|One two', 'ready']))
  expect(statuses(ada)).toEqual(['cancelled'])
  expect(models[0]?.isCancelled).toBe(true)

  act(() => screen.getByText('Cleo sends').click())
  await eventually(() => expect(models).toHaveLength(2))
  models[1]?.push(
    { type: 'start' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Three' },
  )
  const next = ['From Ada', 'tool-add|One two', 'From Cleo', 'Three']
  for (const name of ['Ada', 'Ben', 'Cleo'])
    await eventually(() => expect(shown(name)).toEqual([...next, 'streaming']))
  act(() => screen.getByText('Cleo stops').click())
  await eventually(() => expect(statuses(ada)).toEqual(['cancelled', 'cancelled']))
  for (const name of ['Ada', 'Ben', 'Cleo'])
    await eventually(() => expect(shown(name)).toEqual([...next, 'ready']))
})

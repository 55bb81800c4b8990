// @vitest-environment jsdom
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

/** The toolkit's version 7 wants Node 22. */
const isOld = Number(process.versions.node.split('.')[0]) < 22

test.skipIf(isOld)('[A55] [A58] useChat of version 7 sends, streams, follows and stops', async () => {
  const { Chat, useChat } = await import('ai-sdk-react-7')

  function Page({ session, name }: { readonly session: Session; readonly name: string }) {
    const [transport] = useState(() => sessionTransport(session))
    const [chat] = useState(
      () =>
        new Chat({
          transport,
          messages: transport.messages(),
        }),
    )
    useEffect(
      () => followChat(chat as unknown as Parameters<typeof followChat>[0], transport),
      [chat, transport],
    )
    const { messages, sendMessage, status } = useChat({ chat })
    return (
      <section aria-label={name}>
        {messages.map(({ id, parts }) => (
          <p key={id}>{parts.map((part) => (part.type === 'text' ? part.text : part.type)).join('|')}</p>
        ))}
        <button onClick={() => void sendMessage({ text: `From ${name}` })}>{`${name} sends`}</button>
        <button onClick={() => void transport.stop()}>{`${name} stops`}</button>
        <output>{status}</output>
      </section>
    )
  }
  const shown = (name: string): string[] =>
    [...screen.getByLabelText(name).querySelectorAll('p, output')].map(({ textContent }) => textContent)

  const url = await newSessionUrl()
  const host = await open(url, 'host', { presence: false })
  const model = pushStream<UIMessageChunk>()
  await host.agent({ name: 'bot', handle: (run) => writeUIMessageStream(run, model.stream) }).ready
  const [ada, ben] = await Promise.all(['ada', 'ben'].map((id) => open(url, id, { presence: false })))
  if (ada === undefined || ben === undefined) throw new Error('two people')
  render(<Page session={ada} name="Ada" />)
  render(
    <StrictMode>
      <Page session={ben} name="Ben" />
    </StrictMode>,
  )
  act(() => screen.getByText('Ada sends').click())
  await eventually(() => expect(statuses(ada)).toEqual(['running']))
  model.push(
    { type: 'start' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'One' },
  )
  for (const name of ['Ada', 'Ben'])
    await eventually(() => expect(shown(name)).toEqual(['From Ada', 'One', 'streaming']))
  act(() => screen.getByText('Ben stops').click())
  for (const name of ['Ada', 'Ben'])
    await eventually(() => expect(shown(name)).toEqual(['From Ada', 'One', 'ready']))
  expect(statuses(ada)).toEqual(['cancelled'])
})

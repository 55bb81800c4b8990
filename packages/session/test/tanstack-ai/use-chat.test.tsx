// @vitest-environment jsdom
import { useChat } from '@tanstack/ai-react'
import { act, cleanup, render, screen } from '@testing-library/react'
import { eventually } from '@streamdb/testkit'
import { StrictMode, useMemo } from 'react'
import { afterEach, expect, test } from 'vitest'
import type { Session } from '../../src/index.ts'
import { sessionConnection } from '../../src/tanstack-ai/index.ts'
import { gate } from '../../src/testing/index.ts'
import { open } from '../support/sessions.ts'
import { openWith } from './support.ts'

afterEach(cleanup)

function Chat({ session, name }: { readonly session: Session; readonly name: string }) {
  const connection = useMemo(() => sessionConnection(session), [session])
  const { messages, sendMessage, stop, isLoading } = useChat({
    connection,
    threadId: session.url,
    persistence: true,
    live: true,
  })
  return (
    <section aria-label={name}>
      {messages.map(({ id, role, parts }) => (
        <p
          key={id}
        >{`${role}: ${parts.map((part) => (part.type === 'text' ? part.content : part.type)).join('|')}`}</p>
      ))}
      <button onClick={() => void sendMessage(`From ${name}`)}>{`${name} sends`}</button>
      <button onClick={stop}>{`${name} stops`}</button>
      <output>{isLoading ? 'loading' : 'ready'}</output>
    </section>
  )
}

function shown(name: string): string[] {
  return [...screen.getByLabelText(name).querySelectorAll('p, output')].map(({ textContent }) => textContent)
}

test('[A50] useChat: two people see one conversation, to leave the page cancels nothing, and stop does after coming back', async () => {
  const rest = gate()
  const { url, host } = await openWith(async (run) => {
    const text = run.openText()
    text.write('Hello ')
    await rest.pass(run.signal)
    text.write('to you')
    await text.end()
  })
  // A page has few connections to an origin.
  const ada = await open(url, 'ada', { presence: false })
  const ben = await open(url, 'ben', { presence: false })
  const page = render(
    <StrictMode>
      <Chat session={ada} name="Ada" />
    </StrictMode>,
  )
  const other = render(<Chat session={ben} name="Ben" />)
  act(() => screen.getByText('Ada sends').click())
  const lines = ['user: From Ada', 'assistant: Hello ']
  await eventually(() => expect(shown('Ada')).toEqual([...lines, 'loading']))
  await eventually(() => expect(shown('Ben').slice(0, 2)).toEqual(lines))
  page.unmount()
  render(
    <StrictMode>
      <Chat session={ada} name="Ada again" />
    </StrictMode>,
  )
  await eventually(() => expect(shown('Ada again')).toEqual([...lines, 'loading']))
  const [run] = [...host.collections.runs.values()]
  expect(host.run(run ?? '')).toMatchObject({ status: 'running' })
  act(() => screen.getByText('Ada again stops').click())
  await eventually(() => expect(host.run(run ?? '')).toMatchObject({ status: 'cancelled' }))
  await eventually(() => expect(shown('Ada again')).toEqual([...lines, 'ready']))
  rest.open()
  other.unmount()
})

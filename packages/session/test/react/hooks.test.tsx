// @vitest-environment jsdom
import { eventually } from '@streamdb/testkit'
import { act, cleanup, render, screen } from '@testing-library/react'
import { memo, StrictMode } from 'react'
import type { ReactElement } from 'react'
import { afterEach, expect, test } from 'vitest'
import type { MessageView, Part } from '../../src/index.ts'
import { SessionProvider, useComposer, useMessages, useMessageText } from '../../src/react/index.ts'
import { newSessionUrl, open } from '../support/sessions.ts'

afterEach(cleanup)

const Text = memo(function Text({ part }: { readonly part: Part }): ReactElement {
  return <span>{useMessageText(part)}</span>
})

const Item = memo(function Item({ view }: { readonly view: MessageView }): ReactElement {
  return (
    <li>
      {view.parts.map((part) => (
        <Text key={part.id} part={part} />
      ))}
    </li>
  )
})

function List(): ReactElement {
  return (
    <ul>
      {useMessages().map((view) => (
        <Item key={view.message.id} view={view} />
      ))}
    </ul>
  )
}

function Form(): ReactElement {
  const { text, setText, submit } = useComposer()
  return (
    <button
      type="button"
      onClick={() => {
        setText('Hello')
        void submit()
      }}
    >
      send {text}
    </button>
  )
}

test('[A20] a session that a component opens shows messages, sends, and streams', async () => {
  const url = await newSessionUrl()
  const host = await open(url, 'host')
  const agent = host.agent({
    name: 'echo',
    async handle(run) {
      await run.text('You said Hello')
    },
  })
  await agent.ready
  render(
    <StrictMode>
      <SessionProvider url={url} me={{ id: 'ada' }}>
        <List />
        <Form />
      </SessionProvider>
    </StrictMode>,
  )
  await act(async () => screen.getByRole('button').click())
  await eventually(() =>
    expect(screen.queryAllByRole('listitem').map((item) => item.textContent)).toEqual([
      'Hello',
      'You said Hello',
    ]),
  )
})

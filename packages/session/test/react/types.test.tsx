// @vitest-environment jsdom
import { useLiveQuery } from '@streamdb/react'
import { render } from '@testing-library/react'
import type { ReactElement } from 'react'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createSessionState } from '../../src/index.ts'
import type { Session } from '../../src/index.ts'
import { SessionProvider, useMessages, useRun, useSession, useView } from '../../src/react/index.ts'
import { newSessionUrl } from '../support/sessions.ts'
import { eventually, items, press, withPages } from './support.tsx'

withPages()

const own = {
  todos: { schema: z.object({ id: z.string(), title: z.string() }), type: 'todo', primaryKey: 'id' },
} as const
const state = createSessionState(own)

test('[A20] collections of the application are there, with their types, and the type of documents', async () => {
  const url = await newSessionUrl()
  function Todos(): ReactElement {
    const session = useSession<typeof own>()
    const { todos } = session.collections
    const { data } = useLiveQuery({ query: (q) => q.from({ todo: todos }) })
    // A session with more collections is a session.
    useRun(undefined, { session })
    useMessages(useView({ session }))
    return (
      <>
        {data.map(({ id, title }) => (
          <li key={id}>{title}</li>
        ))}
        <button type="button" onClick={() => void todos.insert({ id: '1', title: 'Read' })}>
          add
        </button>
      </>
    )
  }
  function Opener(): ReactElement {
    const documents = () => (name: string) => ({ name })
    const session: Session<typeof own, { readonly name: string }> = useSession({
      ...{ url, me: { id: 'ada' }, state },
      documents,
    })
    return (
      <SessionProvider session={session}>
        <Todos />
      </SessionProvider>
    )
  }
  render(
    <>
      <Opener />
      <SessionProvider url={url} me={{ id: 'ada' }} state={state}>
        <Todos />
      </SessionProvider>
    </>,
  )
  await press('add')
  await eventually(() => expect(items()).toEqual(['Read', 'Read']))
})

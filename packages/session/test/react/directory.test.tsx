// @vitest-environment jsdom
import { render } from '@testing-library/react'
import { StrictMode } from 'react'
import type { ReactElement } from 'react'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openDirectory } from '../../src/index.ts'
import type { Directory } from '../../src/index.ts'
import {
  DirectoryProvider,
  SessionProvider,
  useDirectory,
  useListedSession,
  useSession,
} from '../../src/react/index.ts'
import { newSessionUrl, open } from '../support/sessions.ts'
import { eventually, items, pastIdleTimeout, press, withPages } from './support.tsx'

withPages()

test('[A28] a directory shows its sessions with what is not read; components share it, and the last one closes it', async () => {
  const url = `${await newSessionUrl()}/directory`
  const bob = openDirectory({ url, me: { id: 'bob' } })
  onTestFinished(() => bob.close())
  await bob.create({ id: 'plans', title: 'Plans' })
  await bob.create({ id: 'old', title: 'Old' })
  await bob.archive('old')
  const given = new Set<Directory>()
  function Sessions(): ReactElement {
    const { sessions, archived, isLoading, directory } = useDirectory()
    given.add(directory)
    return (
      <>
        <li>{isLoading && 'loading'}</li>
        {sessions.map(({ id, title, unread, isRunning }) => (
          <li key={id}>{`${title} ${unread} ${isRunning}`}</li>
        ))}
        {archived.map(({ id }) => (
          <li key={id}>{`archived ${id}`}</li>
        ))}
      </>
    )
  }
  function Opener(): ReactElement {
    const { directory } = useDirectory({ url, me: { id: 'ada' } })
    given.add(directory)
    return (
      <DirectoryProvider directory={directory}>
        <Sessions />
      </DirectoryProvider>
    )
  }
  const { unmount } = render(
    <StrictMode>
      <DirectoryProvider url={url} me={{ id: 'ada' }}>
        <Sessions />
      </DirectoryProvider>
      <Opener />
    </StrictMode>,
  )
  expect(items()).toEqual(['loading', 'loading'])
  const list = ['', 'Plans 0 false', 'archived old']
  await eventually(() => expect(items()).toEqual([...list, ...list]))
  bob.db.collections.sessions.update('plans', (draft) => {
    Object.assign(draft, { messages: 3, isRunning: true })
  })
  await eventually(() => expect(items()).toContain('Plans 3 true'))
  const [directory] = given
  await directory?.markRead('plans')
  await eventually(() => expect(items()).toContain('Plans 0 true'))
  expect(given.size).toBe(1)
  unmount()
  await vi.advanceTimersByTimeAsync(pastIdleTimeout)
  expect(directory?.db.status.name).toBe('closed')
})

test('[A28] the entry of a session that is open here follows it, and is read while the page is visible', async () => {
  const url = await newSessionUrl()
  const directory = openDirectory({ url: `${url}-list`, me: { id: 'ada' } })
  onTestFinished(() => directory.close())
  const bob = await open(url, 'bob')
  await bob.send('Hello')
  let visibility = 'hidden'
  const spy = vi.spyOn(document, 'visibilityState', 'get').mockImplementation(() => visibility as 'hidden')
  onTestFinished(() => spy.mockRestore())
  function Title(): ReactElement {
    const entry = useListedSession('one')
    return <li>{entry && `${entry.title} ${entry.messages} ${entry.unread}`}</li>
  }
  render(
    <DirectoryProvider directory={directory}>
      <SessionProvider url={url} me={{ id: 'ada' }}>
        <Title />
        <Send />
      </SessionProvider>
    </DirectoryProvider>,
  )
  expect(items()).toEqual([''])
  await directory.create({ id: 'one', url, title: 'Plans' })
  await eventually(() => expect(items()).toEqual(['Plans 0 0']))
  await press('send')
  await eventually(() => expect(items()).toEqual(['Plans 2 2']))
  visibility = 'visible'
  document.dispatchEvent(new Event('visibilitychange'))
  await eventually(() => expect(items()).toEqual(['Plans 2 0']))
})

function Send(): ReactElement {
  const session = useSession()
  return (
    <button type="button" onClick={() => void session.send('Hi')}>
      send
    </button>
  )
}

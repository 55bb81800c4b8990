import {
  createStreamDB,
  eq,
  StreamDBError,
  StreamDBProvider,
  useAction,
  useConnectionLost,
  useLiveQuery,
  usePendingWrites,
  useReadable,
  useStreamDB,
  useStreamStatus,
} from '../src/index.ts'
import { act, cleanup, render, screen, waitFor } from '@testing-library/react'
import { StrictMode } from 'react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createWatchedRoom, message, openWatchedRoom, user } from '@streamdb/testkit/rooms'
import type { RoomDB } from '@streamdb/testkit/rooms'

afterEach(cleanup)

function Messages(): ReactElement {
  const db = useStreamDB<RoomDB>()
  const { data } = useLiveQuery({
    query: (q) =>
      q
        .from({ message: db.collections.messages })
        .join({ user: db.collections.users }, ({ message: m, user: u }) => eq(m.userId, u.id))
        .select(({ message: m, user: u }) => ({ id: m.id, text: m.text, author: u?.name }))
        .orderBy(({ message: m }) => m.id),
  })
  return (
    <ul>
      {data.map((each) => (
        <li key={each.id}>{`${each.author}: ${each.text}`}</li>
      ))}
    </ul>
  )
}

function lines(): (string | null)[] {
  return screen.queryAllByRole('listitem').map((item) => item.textContent)
}

describe('StreamDBProvider', () => {
  test('a live join of two collections renders, and follows the stream', async () => {
    const { db, append } = await openWatchedRoom(user('u1', 'Ada'), message('m1', 'u1', 'hello'))
    await db.preload()
    render(
      <StrictMode>
        <StreamDBProvider db={db}>
          <Messages />
        </StreamDBProvider>
      </StrictMode>,
    )
    await waitFor(() => expect(lines()).toEqual(['Ada: hello']))
    await append(message('m2', 'u2', 'hi'), user('u2', 'Grace'))
    await waitFor(() => expect(lines()).toEqual(['Ada: hello', 'Grace: hi']))
  })

  test('[F-life-1] a live query starts the stream', async () => {
    const { db } = await openWatchedRoom(user('u1', 'Ada'), message('m1', 'u1', 'hello'))
    render(
      <StreamDBProvider db={db}>
        <Messages />
      </StreamDBProvider>,
    )
    await waitFor(() => expect(lines()).toEqual(['Ada: hello']))
    expect(db.status.name).toBe('live')
  })

  test('a hook without a provider says what to do', () => {
    expect(() => render(<Messages />)).toThrow(/StreamDBProvider/)
  })
})

describe('useStreamStatus', () => {
  test('renders every status, and no more often', async () => {
    const { db } = await openWatchedRoom(user('u1', 'Ada'))
    const seen: string[] = []
    function Bar(): ReactElement {
      const status = useStreamStatus(db)
      seen.push(status.name)
      return <p role="status">{status.name}</p>
    }
    render(<Bar />)
    expect(screen.getByRole('status').textContent).toBe('idle')
    await act(() => db.preload())
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('live'))
    act(() => db.close())
    expect(screen.getByRole('status').textContent).toBe('closed')
    expect(new Set(seen).size).toBe(seen.length)
  })
})

describe('useReadable', () => {
  test('follows what a database counts', async () => {
    const { db, append } = await openWatchedRoom(user('u1', 'Ada'))
    await db.preload()
    function Count(): ReactElement {
      return <p role="status">{useReadable(db.readables.issues).total}</p>
    }
    render(<Count />)
    expect(screen.getByRole('status').textContent).toBe('0')
    await append({ type: 'message', key: 'm1', headers: { operation: 'upsert' } })
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('1'))
  })
})

describe('writing', () => {
  test('useAction counts what is under way, usePendingWrites shows it, and both end with the confirmation', async () => {
    const { db } = await openWatchedRoom(user('u1', 'Ada'))
    await db.preload()
    const say = (text: string) =>
      db.transact(() => void db.collections.messages.insert({ id: 'm1', userId: 'u1', text }))
    const seen: string[] = []
    function Composer(): ReactElement {
      const { run, pending, error } = useAction(say)
      const writes = usePendingWrites(db)
      seen.push(`${pending}/${writes.length}`)
      return (
        <button type="button" onClick={() => run('hello')}>
          {error === undefined ? `${pending} pending` : error.message}
        </button>
      )
    }
    render(<Composer />)
    act(() => screen.getByRole('button').click())
    expect(screen.getByRole('button').textContent).toBe('1 pending')
    expect(seen).toContain('1/1')
    await waitFor(() => expect(screen.getByRole('button').textContent).toBe('0 pending'))
    expect(db.pendingWrites).toEqual([])
    expect(db.collections.messages.get('m1')?.text).toBe('hello')
  })

  test('[GW3] useAction has the reason of a write that a gateway refused', async () => {
    const { options, url } = await createWatchedRoom(user('u1', 'Ada'))
    const reason = { code: 'not-author', message: 'Not yours.', path: '/value/name' }
    const own: typeof fetch = async (input, init) =>
      init?.method === 'POST' ? Response.json({ error: reason }, { status: 403 }) : fetch(input, init)
    const db = createStreamDB({ ...options, streamOptions: { url, fetch: own } })
    onTestFinished(() => db.close())
    await db.preload()
    const rename = () => db.collections.users.update('u1', (draft) => void (draft.name = 'Eve'))
    function Form(): ReactElement {
      const { run, error } = useAction(rename)
      const why = error instanceof StreamDBError ? error.reason : undefined
      return (
        <button type="button" onClick={() => run()}>
          {why === undefined
            ? db.collections.users.get('u1')?.name
            : `${why.code} ${why.path}: ${why.message}`}
        </button>
      )
    }
    render(<Form />)
    act(() => screen.getByRole('button').click())
    await waitFor(() =>
      expect(screen.getByRole('button').textContent).toBe('not-author /value/name: Not yours.'),
    )
    expect(db.collections.users.get('u1')?.name).toBe('Ada')
  })

  test('useAction shows why a call failed, until it is reset', async () => {
    const { db } = await openWatchedRoom(user('u1', 'Ada'))
    await db.preload()
    const add = () => db.collections.users.insert({ id: 'u1', name: 'again' })
    function Form(): ReactElement {
      const calls = useAction(add)
      return (
        <button
          type="button"
          onDoubleClick={calls.reset}
          onClick={() => {
            try {
              calls.run()
            } catch {
              // `error` shows it.
            }
          }}
        >
          {calls.error?.message ?? 'fine'}
        </button>
      )
    }
    render(<Form />)
    act(() => screen.getByRole('button').click())
    expect(screen.getByRole('button').textContent).toMatch(/already exists|refused/)
    act(() => void screen.getByRole('button').dispatchEvent(new MouseEvent('dblclick', { bubbles: true })))
    expect(screen.getByRole('button').textContent).toBe('fine')
  })
})

describe('[F-real-40] a missing argument is reported at once, with what to do', () => {
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined))
  afterEach(() => void vi.restoreAllMocks())

  test.each([undefined, null, {}])('useAction(%s)', (action) => {
    function Form(): ReactElement {
      useAction(action as never)
      return <p />
    }
    expect(() => render(<Form />)).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message: expect.stringMatching(/^useAction: expected an action.* but received .*`actions`/),
      }),
    )
  })

  test.each([undefined, null, {}, Promise.resolve()])('a provider with %s for a database', (db) => {
    expect(() => render(<StreamDBProvider db={db as never} />)).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message: expect.stringMatching(/^StreamDBProvider: expected `db` to be a database but received/),
      }),
    )
  })

  test.each([
    ['useStreamDB', () => useStreamDB<RoomDB>()],
    ['useStreamStatus', () => useStreamStatus()],
    ['usePendingWrites', () => usePendingWrites()],
    ['useConnectionLost', () => useConnectionLost()],
  ])('%s without a provider', (name, useHook) => {
    function Page(): ReactElement {
      useHook()
      return <p />
    }
    expect(() => render(<Page />)).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message: expect.stringMatching(new RegExp(`^${name}: .*<StreamDBProvider db={db}>`)),
      }),
    )
  })
})

// @vitest-environment jsdom
import { useLiveQuery, useLiveSuspenseQuery, useStreamDB, useStreamStatus } from '@streamdb/react'
import { render } from '@testing-library/react'
import { StrictMode, Suspense } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { SessionError } from '../../src/index.ts'
import type { Session } from '../../src/index.ts'
import {
  SessionProvider,
  useApprovals,
  useBranches,
  useComposer,
  useDirectory,
  useMessages,
  useMessageText,
  usePresence,
  useRun,
  useSession,
  useView,
} from '../../src/react/index.ts'
import { newSessionUrl } from '../support/sessions.ts'
import { eventually, items, pastIdleTimeout, withBob, withPages } from './support.tsx'

withPages()
afterEach(() => void vi.restoreAllMocks())

const ada = { id: 'ada' }

/** The live reads of this file, by stream. */
const reads: { readonly stream: string; readonly signal: AbortSignal | null | undefined }[] = []

const watched: typeof fetch = (input, init) => {
  const { origin, pathname, searchParams } = new URL(String(input))
  const isLive = searchParams.has('live') && (init?.method ?? 'GET') === 'GET'
  if (isLive) reads.push({ stream: `${origin}${pathname}`, signal: init?.signal })
  return fetch(input, init)
}

/** Returns how many connections follow a stream. */
function connectionsOf(url: string): number {
  return reads.filter(({ stream, signal }) => stream === url && signal?.aborted !== true).length
}

/** Opens a session and lists it; collects the sessions that it was given. */
function opener(): {
  readonly given: Set<Session>
  readonly Opener: (props: { readonly url: string }) => ReactElement
} {
  const given = new Set<Session>()
  function Opener({ url }: { readonly url: string }): ReactElement {
    const session = useSession({ url, me: { id: 'ada' }, streamOptions: { fetch: watched } })
    given.add(session)
    return (
      <SessionProvider session={session}>
        <List />
      </SessionProvider>
    )
  }
  return { given, Opener }
}

function List(): ReactElement {
  return (
    <ul>
      {useMessages().map(({ message, parts }) => (
        <li key={message.id}>{parts[0]?.text}</li>
      ))}
    </ul>
  )
}

const devicesOf = (session: Session, participant: string): number =>
  (session.presence?.get() ?? []).filter((each) => each.isPresent && each.participant === participant).length

test('[A20] components share the session of one URL, through a double mount; it is closed when the last is gone', async () => {
  const { url, bob } = await withBob()
  await bob.send('Hello')
  const { given, Opener } = opener()
  const page = (count: number): ReactElement => (
    <StrictMode>
      {Array.from({ length: count }, (_, index) => (
        <Opener key={index} url={url} />
      ))}
      <SessionProvider url={url} me={ada}>
        <List />
      </SessionProvider>
    </StrictMode>
  )
  const { rerender, unmount } = render(page(2))
  await eventually(() => expect(items()).toEqual(['Hello', 'Hello', 'Hello']))
  await eventually(() => expect(devicesOf(bob, 'ada')).toBe(1))
  expect(given.size).toBe(1)
  await eventually(() => expect([connectionsOf(url), connectionsOf(`${url}/presence`)]).toEqual([1, 1]))
  rerender(page(0))
  await vi.advanceTimersByTimeAsync(pastIdleTimeout)
  const [session] = given
  expect(session?.status.name).toBe('live')
  unmount()
  await vi.advanceTimersByTimeAsync(pastIdleTimeout)
  expect(session?.status.name).toBe('closed')
  await eventually(() => expect(devicesOf(bob, 'ada')).toBe(0))
  expect([connectionsOf(url), connectionsOf(`${url}/presence`)]).toEqual([0, 0])
})

test('[A20] another URL is another session; the one that nobody uses is closed', async () => {
  const [first, second] = [await newSessionUrl(), await newSessionUrl()]
  const { given, Opener } = opener()
  const { rerender } = render(<Opener url={first} />)
  rerender(<Opener url={second} />)
  rerender(<Opener key="other" url={second} />)
  await vi.advanceTimersByTimeAsync(pastIdleTimeout)
  await eventually(() =>
    expect([...given].map(({ url, status }) => [url, status.name])).toEqual([
      [first, 'closed'],
      [second, 'live'],
    ]),
  )
})

test('[A20] a render that is thrown away is heard of by nobody, and its session is closed', async () => {
  const { url, bob } = await withBob()
  const { given, Opener } = opener()
  function Never(): ReactNode {
    // oxlint-disable-next-line typescript/only-throw-error -- how one suspends in every React
    throw new Promise(() => undefined)
  }
  const { unmount } = render(
    <Suspense fallback="waiting">
      <Opener url={url} />
      <Never />
    </Suspense>,
  )
  await vi.advanceTimersByTimeAsync(1_000)
  unmount()
  await vi.advanceTimersByTimeAsync(12 * pastIdleTimeout)
  expect([...given].map(({ status }) => status.name)).not.toContain('live')
  // A device that has left would be known, too.
  expect(bob.presence?.get().filter(({ participant }) => participant === 'ada')).toEqual([])
})

test('[A20] the hooks of @streamdb/react have the database of the session, also while they are suspended', async () => {
  const { url, bob } = await withBob()
  await bob.send('Hello')
  function Rows(): ReactElement {
    const { messages, parts } = useSession().collections
    const { data } = useLiveSuspenseQuery({ query: (q) => q.from({ part: parts }) })
    const { data: all } = useLiveQuery({ query: (q) => q.from({ message: messages }) })
    const db = useStreamDB<Session['db']>()
    return (
      <ul>
        <li>{data.map(({ text }) => text)}</li>
        <li>{all.length}</li>
        <li>{useStreamStatus().name}</li>
        <li>{String(db === useSession().db)}</li>
      </ul>
    )
  }
  render(
    <StrictMode>
      <Suspense fallback="loading">
        <SessionProvider url={url} me={ada}>
          <Rows />
        </SessionProvider>
      </Suspense>
    </StrictMode>,
  )
  await eventually(() => expect(items()).toEqual(['Hello', '1', 'live', 'true']))
})

test('[A20] functions in the options are called in their newest form', async () => {
  const url = await newSessionUrl()
  const tokens: string[] = []
  function Page({ token }: { readonly token: string }): ReactElement {
    const headers = { authorization: () => (tokens.push(token), token) }
    return (
      <SessionProvider url={url} me={ada} streamOptions={{ headers }}>
        <List />
      </SessionProvider>
    )
  }
  const { rerender } = render(<Page token="first" />)
  await eventually(() => expect(tokens).toContain('first'))
  rerender(<Page token="second" />)
  await eventually(() => expect(tokens.at(-1)).toBe('second'))
})

test('[A20] a new name of the participant is told to the others, by the session that is open', async () => {
  const { url, bob } = await withBob()
  const { given, Opener } = opener()
  const page = (name: string): ReactElement => (
    <StrictMode>
      <SessionProvider url={url} me={{ id: 'ada', name }}>
        <List />
      </SessionProvider>
      <Opener url={url} />
    </StrictMode>
  )
  const { rerender } = render(page('Ada'))
  const [session] = given
  await session?.send('Hello')
  await eventually(() => expect(bob.collections.participants.get('ada')?.name).toBe('Ada'))
  rerender(page('Ada L.'))
  await eventually(() => expect(bob.collections.participants.get('ada')?.name).toBe('Ada L.'))
  await eventually(() =>
    expect(bob.presence?.get()).toContainEqual(
      expect.objectContaining({ name: 'Ada L.', participant: 'ada', isPresent: true }),
    ),
  )
  expect(given.size).toBe(1)
})

test('[A29] a hook without a session says what to do, in a typed error', () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const hooks = {
    useSession: () => useSession(),
    useView: () => useView(),
    useMessages: () => useMessages(),
    useMessageText: () => useMessageText('part'),
    useRun: () => useRun('run'),
    useApprovals: () => useApprovals(),
    usePresence: () => usePresence(),
    useBranches: () => useBranches(),
    useComposer: () => useComposer(),
    useDirectory: () => useDirectory(),
  }
  for (const [name, hook] of Object.entries<() => unknown>(hooks)) {
    function Caller(): ReactNode {
      hook()
      return null
    }
    const error = caught(() => render(<Caller />))
    expect(error).toBeInstanceOf(SessionError)
    expect(error).toMatchObject({
      code: 'invalid-options',
      message: expect.stringMatching(new RegExp(`^${name}: expected a .*Provider`)),
    })
  }
  const me = undefined as never
  expect(caught(() => render(<SessionProvider url="/x" me={me} />))).toMatchObject({
    code: 'invalid-options',
    message: expect.stringContaining('options.me'),
  })
})

function caught(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

import {
  createStreamDB,
  eq,
  StreamDBProvider,
  useLiveQuery,
  useLiveSuspenseQuery,
  useStreamDB,
  useStreamStatus,
} from '../src/index.ts'
import type { StreamDBError } from '../src/index.ts'
import { act, cleanup, render, screen, waitFor } from '@testing-library/react'
import { Component, Suspense, useEffect, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { createWatchedRoom, message } from '@streamdb/testkit/rooms'
import type { RoomDB, WatchedRoom } from '@streamdb/testkit/rooms'

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined))
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

interface BoundaryProps {
  readonly children: ReactNode
  readonly onReset: () => void
}

/** As applications have it: shows the error, and a button that tries again. */
class Boundary extends Component<BoundaryProps, { readonly error?: Error }> {
  override readonly state: { readonly error?: Error } = {}

  static getDerivedStateFromError(error: Error): { readonly error: Error } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    const again = (): void => {
      this.props.onReset()
      this.setState({ error: undefined as never })
    }
    return (
      <button type="button" onClick={again}>
        {`${'code' in error ? String(error.code) : error.name}: ${error.message}`}
      </button>
    )
  }
}

function Messages({ db }: { readonly db: RoomDB }): ReactElement {
  const { messages } = db.collections
  const { data } = useLiveSuspenseQuery({ query: (q) => q.from({ message: messages }) })
  return (
    <ul>
      {data.map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  )
}

async function click(): Promise<void> {
  await act(async () => screen.getByRole('button').click())
}

function texts(): (string | null)[] {
  return screen.queryAllByRole('listitem').map((item) => item.textContent)
}

interface CaseProps {
  readonly room: WatchedRoom
}

/** Suspense and an error boundary around what reads a database. */
function Caught({ db, children }: { readonly db: RoomDB; readonly children: ReactNode }): ReactElement {
  return (
    <Boundary onReset={() => void db.preload()}>
      <Suspense fallback={<p role="status">loading</p>}>{children}</Suspense>
    </Boundary>
  )
}

function Provided({ room }: CaseProps): ReactElement {
  const [db] = useState(() => createStreamDB(room.options))
  useEffect(() => () => db.close(), [db])
  return (
    <StreamDBProvider db={db}>
      <Caught db={db}>
        <InProvider />
      </Caught>
    </StreamDBProvider>
  )
}

function InProvider(): ReactElement {
  return <Messages db={useStreamDB<RoomDB>()} />
}

function Opened({ room }: CaseProps): ReactElement {
  const db = useStreamDB(room.options)
  return (
    <Caught db={db}>
      <Messages db={db} />
    </Caught>
  )
}

const cases: readonly (readonly [name: string, page: (props: CaseProps) => ReactElement])[] = [
  ['of a provider', Provided],
  ['of useStreamDB(options)', Opened],
]

describe.each(cases)('a first load %s that fails', (_, Case) => {
  test('is the error of its boundary, again when it fails again, and recovers when tried again', async () => {
    const room = await createWatchedRoom()
    await room.remove()
    render(<Case room={room} />)
    expect(screen.getByRole('status').textContent).toBe('loading')
    await waitFor(() => expect(screen.getByRole('button').textContent).toMatch(/^stream-not-found: Reading/))

    const before = room.reads.length
    await click()
    await waitFor(() => expect(room.reads.length).toBeGreaterThan(before))
    await waitFor(() => expect(screen.getByRole('button').textContent).toMatch(/^stream-not-found: Reading/))

    await room.restore(message('m1', 'u1', 'hello'))
    await click()
    await waitFor(() => expect(texts()).toEqual(['hello']))
    await room.append(message('m2', 'u1', 'more'))
    await waitFor(() => expect(texts()).toEqual(['hello', 'more']))
  })

  test('suspends while the server cannot be reached, for as long as that takes', async () => {
    const room = await createWatchedRoom(message('m1', 'u1', 'hello'))
    room.cut(true)
    render(<Case room={room} />)
    await waitFor(() => expect(room.reads.length).toBeGreaterThan(1))
    expect(screen.getByRole('status').textContent).toBe('loading')
    room.cut(false)
    await waitFor(() => expect(texts()).toEqual(['hello']), { timeout: 5_000 })
  })
})

describe('after the first load', () => {
  test("a failure keeps the rows, and a query that is new then is the boundary's", async () => {
    const room = await createWatchedRoom(message('m1', 'u1', 'hello'))
    const db = createStreamDB(room.options)
    onTestFinished(() => db.close())
    await db.preload()
    function Page({ late }: { readonly late: boolean }): ReactElement {
      return (
        <StreamDBProvider db={db}>
          <Status />
          <Messages db={db} />
          <Caught db={db}>{late && <Late />}</Caught>
        </StreamDBProvider>
      )
    }
    function Status(): ReactElement {
      return <p role="status">{useStreamStatus().name}</p>
    }
    function Late(): ReactElement {
      const { data } = useLiveSuspenseQuery({ query: (q) => q.from({ user: db.collections.users }) })
      return <p>{data.length} users</p>
    }
    const { rerender } = render(<Page late={false} />)
    expect(texts()).toEqual(['hello'])
    await room.remove()
    // The reference server leaves connections open whose stream is gone.
    room.cut(true)
    room.cut(false)
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('failed'), { timeout: 5_000 })
    expect(texts()).toEqual(['hello'])
    rerender(<Page late />)
    await waitFor(() => expect(screen.getByRole('button').textContent).toMatch(/^stream-not-found/))
    expect(texts()).toEqual(['hello'])

    await room.restore(message('m2', 'u1', 'anew'))
    await click()
    await waitFor(() => screen.getByText('0 users'))
    await waitFor(() => expect(texts()).toEqual(['anew']))
  })
})

test('a live query that does not suspend follows the database into an error and back', async () => {
  const room = await createWatchedRoom()
  await room.remove()
  const db = createStreamDB(room.options)
  onTestFinished(() => db.close())
  function Page(): ReactElement {
    const { data, status } = useLiveQuery({ query: (q) => q.from({ message: db.collections.messages }) })
    return <p>{`${status} ${data.length}`}</p>
  }
  render(<Page />)
  await waitFor(() => screen.getByText('error 0'))
  await room.restore(message('m1', 'u1', 'hello'))
  await db.preload()
  await waitFor(() => screen.getByText('ready 1'))
})

test("an error that is no database's stays what it is", () => {
  const mistake = new Error('a mistake in the query')
  function Page(): ReactElement {
    useLiveSuspenseQuery({
      query: () => {
        throw mistake
      },
    })
    return <p />
  }
  expect(() => render(<Page />)).toThrow(mistake)
})

describe('[F-real-20] an error is the one of the database that the query reads', () => {
  test('a query that throws while the database reconnects reaches its boundary, without a storm of renders', async () => {
    const room = await createWatchedRoom(message('m1', 'u1', 'hello'))
    const db = createStreamDB(room.options)
    onTestFinished(() => db.close())
    await db.preload()
    room.cut(true)
    await waitFor(() => expect(db.status.name).toBe('reconnecting'))
    let renders = 0
    function Page(): ReactElement {
      renders++
      useLiveSuspenseQuery({
        query: () => {
          throw new Error('a mistake in the query')
        },
      })
      return <p />
    }
    render(
      <StreamDBProvider db={db}>
        <Caught db={db}>
          <Page />
        </Caught>
      </StreamDBProvider>,
    )
    expect(screen.getByRole('button').textContent).toBe('Error: a mistake in the query')
    expect(renders).toBeLessThan(10)
  })

  test('a query whose function throws on a row is the same, though its database is fine or reconnects', async () => {
    const room = await createWatchedRoom(message('m1', 'u1', 'hello'))
    const db = createStreamDB(room.options)
    onTestFinished(() => db.close())
    await db.preload()
    room.cut(true)
    await waitFor(() => expect(db.status.name).toBe('reconnecting'))
    let renders = 0
    function Page(): ReactElement {
      renders++
      useLiveSuspenseQuery({
        queryKey: ['throws'],
        query: (q) =>
          q.from({ message: db.collections.messages }).fn.where(() => {
            throw new Error('a mistake in the query')
          }),
      })
      return <p />
    }
    render(
      <Caught db={db}>
        <Page />
      </Caught>,
    )
    await waitFor(() => screen.getByRole('button'))
    expect(screen.getByRole('button').textContent).not.toMatch(/^(stream|unreachable|connection)/)
    expect(renders).toBeLessThan(10)
  })

  test('a failure of another database, provided or opened, is not shown', async () => {
    const gone = await createWatchedRoom()
    await gone.remove()
    const other = createStreamDB(gone.options)
    onTestFinished(() => other.close())
    await expect(other.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
    const closed = createStreamDB((await createWatchedRoom()).options)
    closed.close()
    render(
      <StreamDBProvider db={other}>
        <Caught db={other}>
          <Messages db={closed} />
        </Caught>
      </StreamDBProvider>,
    )
    await waitFor(() => expect(screen.getByRole('button').textContent).toMatch(/^closed: /))
  })

  test('of two databases in one query the one that failed says why', async () => {
    const fine = await createWatchedRoom(message('m1', 'u1', 'hello'))
    const gone = await createWatchedRoom()
    await gone.remove()
    const one = createStreamDB(fine.options)
    const two = createStreamDB(gone.options)
    onTestFinished(() => [one, two].forEach((db) => db.close()))
    function Page(): ReactElement {
      useLiveSuspenseQuery({
        query: (q) =>
          q
            .from({ message: one.collections.messages })
            .join({ user: two.collections.users }, ({ message: m, user: u }) => eq(m.userId, u.id)),
      })
      return <p />
    }
    render(
      <Caught db={one}>
        <Page />
      </Caught>,
    )
    await waitFor(() => expect(screen.getByRole('button').textContent).toMatch(/^stream-not-found: /))
  })

  test('while the database reads again after a failure the query waits, and renders a few times only', async () => {
    const room = await createWatchedRoom()
    await room.remove()
    const db = createStreamDB(room.options)
    onTestFinished(() => db.close())
    await db.preload().catch(() => undefined)
    let renders = 0
    function Page(): ReactElement {
      renders++
      return <Messages db={db} />
    }
    room.cut(true)
    void db.preload()
    render(
      <Caught db={db}>
        <Page />
      </Caught>,
    )
    await waitFor(() => expect(db.status.name).toBe('reconnecting'))
    await act(() => new Promise((resolve) => setTimeout(resolve, 300)))
    expect(screen.getByRole('status').textContent).toBe('loading')
    expect(renders).toBeLessThan(10)
    await room.restore(message('m1', 'u1', 'hello'))
    room.cut(false)
    db.retry()
    await waitFor(() => expect(texts()).toEqual(['hello']), { timeout: 5_000 })
  })
})

describe('[F-real-81] a query of a database that was closed', () => {
  test.each([
    ['before anything was read', (): void => undefined],
    ['while it was loading', (db: RoomDB): void => void db.preload().catch(() => undefined)],
  ])('%s is the error `closed` of its boundary', async (_, start) => {
    const room = await createWatchedRoom(message('m1', 'u1', 'hello'))
    const db = createStreamDB(room.options)
    start(db)
    db.close()
    render(
      <Caught db={db}>
        <Messages db={db} />
      </Caught>,
    )
    await waitFor(() => expect(screen.getByRole('button').textContent).toMatch(/^closed: Cannot read/))
  })

  test('after it was loaded shows the rows', async () => {
    const room = await createWatchedRoom(message('m1', 'u1', 'hello'))
    const db = createStreamDB(room.options)
    await db.preload()
    db.close()
    render(
      <Caught db={db}>
        <Messages db={db} />
      </Caught>,
    )
    await waitFor(() => expect(texts()).toEqual(['hello']))
  })
})

describe('[F-real-39] useLiveQuery on a source in error', () => {
  function Page({ db }: { readonly db: RoomDB }): ReactElement {
    const { data, isError, error } = useLiveQuery({
      query: (q) => q.from({ message: db.collections.messages }),
    })
    expectTypeOf(error).toEqualTypeOf<StreamDBError | undefined>()
    return (
      <p>{isError ? `error ${String(error?.code)}: ${String(error?.message)}` : `${data.length} rows`}</p>
    )
  }

  test("has the database's own error, until the database recovers", async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const room = await createWatchedRoom()
    await room.remove()
    const db = createStreamDB(room.options)
    onTestFinished(() => db.close())
    render(<Page db={db} />)
    await waitFor(() => screen.getByText(/^error stream-not-found: Reading/))
    expect(warn.mock.calls.flat().join()).toMatch(/stream-not-found/)
    await room.restore(message('m1', 'u1', 'hello'))
    await db.preload()
    await waitFor(() => screen.getByText('1 rows'))
  })

  test('says that the database was closed', async () => {
    const room = await createWatchedRoom()
    const db = createStreamDB(room.options)
    void db.preload().catch(() => undefined)
    db.close()
    render(<Page db={db} />)
    await waitFor(() => screen.getByText(/^error closed: Cannot read/))
  })
})

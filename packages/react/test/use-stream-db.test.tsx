import {
  createStreamDB,
  useAction,
  useLiveQuery,
  useLiveSuspenseQuery,
  useStreamDB,
  useStreamStatus,
} from '../src/index.ts'
import type { ActionContext, Transaction } from '../src/index.ts'
import { eventually } from '@streamdb/testkit'
import { act, cleanup, render, screen, waitFor } from '@testing-library/react'
import { startTransition, StrictMode, Suspense, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWatchedRoom, message, room as state, user } from '@streamdb/testkit/rooms'
import type { RoomDB, WatchedRoom } from '@streamdb/testkit/rooms'

/** Longer than a database stays open that nobody holds. */
const graceIsOver = 6_000

// Only what waits for a grace period is on this clock: the network, and React, go on.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true }))
afterEach(async () => {
  cleanup()
  await vi.advanceTimersByTimeAsync(graceIsOver)
  vi.useRealTimers()
})

function Lines({ db }: { readonly db: RoomDB }): ReactElement {
  const { data, isLoading } = useLiveQuery({
    query: (q) => q.from({ message: db.collections.messages }).orderBy(({ message: m }) => m.id),
  })
  if (isLoading) return <p role="status">loading</p>
  return (
    <ul>
      {data.map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  )
}

/** A component that opens a room, and collects the databases that it was given. */
function opener(): { given: Set<RoomDB>; Opener: (props: { readonly room: WatchedRoom }) => ReactElement } {
  const given = new Set<RoomDB>()
  function Opener({ room }: { readonly room: WatchedRoom }): ReactElement {
    const db = useStreamDB(room.options)
    given.add(db)
    return <Lines db={db} />
  }
  return { given, Opener }
}

function texts(): (string | null)[] {
  return screen.queryAllByRole('listitem').map((item) => item.textContent)
}

/** Lets time pass until `assertion` holds: whatever waits to try again does so. */
function pass(assertion: () => void): Promise<void> {
  return eventually(async () => {
    await act(() => vi.advanceTimersByTimeAsync(500))
    assertion()
  })
}

function openReads(...rooms: readonly WatchedRoom[]): number {
  return rooms.flatMap(({ reads }) => reads).filter(({ open }) => open).length
}

const hello = () => createWatchedRoom(message('m1', 'u1', 'hello'))

describe('useStreamDB(options)', () => {
  test('opens on mount, follows, and closes a grace period after unmount [F-life-4]', async () => {
    const room = await hello()
    const { given, Opener } = opener()
    const { unmount } = render(<Opener room={room} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    await room.append(message('m2', 'u1', 'more'))
    await waitFor(() => expect(texts()).toEqual(['hello', 'more']))
    const [db] = given
    unmount()
    expect(db?.status.name).toBe('live')
    await vi.advanceTimersByTimeAsync(graceIsOver)
    expect(db?.status.name).toBe('closed')
    expect(openReads(room)).toBe(0)
  })

  test('opens on mount where nothing is read yet', async () => {
    const room = await hello()
    function Bar(): ReactElement {
      const status = useStreamStatus(useStreamDB(room.options))
      return <p role="status">{status.name}</p>
    }
    render(<Bar />)
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('live'))
  })

  test('StrictMode keeps one database and one connection [F-life-4]', async () => {
    const room = await hello()
    const { given, Opener } = opener()
    render(
      <StrictMode>
        <Opener room={room} />
      </StrictMode>,
    )
    await waitFor(() => expect(texts()).toEqual(['hello']))
    await waitFor(() => expect(openReads(room)).toBe(1))
    expect(given.size).toBe(1)
    expect(room.reads.map(({ live }) => live)).toEqual([null, 'sse'])
    await vi.advanceTimersByTimeAsync(graceIsOver)
    expect([...given].map(({ status }) => status.name)).toEqual(['live'])
  })

  test('components that ask for the same stream share one, until the last of them is gone', async () => {
    const room = await hello()
    const { given, Opener } = opener()
    const first = render(<Opener room={room} />)
    const second = render(<Opener room={room} />)
    await waitFor(() => expect(texts()).toEqual(['hello', 'hello']))
    expect(given.size).toBe(1)
    first.unmount()
    await vi.advanceTimersByTimeAsync(graceIsOver)
    expect([...given].map(({ status }) => status.name)).toEqual(['live'])
    expect(texts()).toEqual(['hello'])
    second.unmount()
    await vi.advanceTimersByTimeAsync(graceIsOver)
    expect([...given].map(({ status }) => status.name)).toEqual(['closed'])
    expect(room.reads).toHaveLength(2)
  })

  test('deps tell databases of one stream apart', async () => {
    const room = await hello()
    const { result, rerender } = renderDb<'one' | 'two'>(
      (tenant: 'one' | 'two') => useStreamDB(room.options, [tenant]),
      'one',
    )
    const first = result()
    rerender('two')
    expect(result()).not.toBe(first)
    rerender('one')
    expect(result()).toBe(first)
  })

  test('a page that comes back within the grace period finds its rows [F-life-4]', async () => {
    const room = await hello()
    const { given, Opener } = opener()
    render(<Opener room={room} />).unmount()
    const { unmount } = render(<Opener room={room} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    unmount()
    render(<Opener room={room} />)
    expect(texts()).toEqual(['hello'])
    expect(given.size).toBe(1)
  })

  test('one that comes back later gets a new database', async () => {
    const room = await hello()
    const { given, Opener } = opener()
    render(<Opener room={room} />).unmount()
    await vi.advanceTimersByTimeAsync(graceIsOver)
    render(<Opener room={room} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    expect(given.size).toBe(2)
  })

  test('swapping the stream shows the loading state and then the other one, and leaks no request [F-life-4]', async () => {
    const rooms = [await hello(), await createWatchedRoom(message('m9', 'u1', 'other room'))] as const
    const { given, Opener } = opener()
    const { rerender } = render(<Opener room={rooms[0]} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    rerender(<Opener room={rooms[1]} />)
    expect(screen.getByRole('status').textContent).toBe('loading')
    await waitFor(() => expect(texts()).toEqual(['other room']))
    await vi.advanceTimersByTimeAsync(graceIsOver)
    expect([...given].map(({ status }) => status.name)).toEqual(['closed', 'live'])
    expect(openReads(rooms[0])).toBe(0)
    await waitFor(() => expect(openReads(rooms[1])).toBe(1))
  })

  test('swapped for another database on the same URL while mounted [F-life-4]', async () => {
    const room = await hello()
    let epoch = 0
    function Opener(): ReactElement {
      return <Lines db={useStreamDB(room.options, [epoch])} />
    }
    const { rerender } = render(<Opener />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    epoch = 1
    rerender(<Opener />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    await vi.advanceTimersByTimeAsync(graceIsOver)
    await waitFor(() => expect(openReads(room)).toBe(1))
  })

  test('one stream after the other: only the last of them stay open for their grace [F-life-4]', async () => {
    const rooms = await Promise.all(Array.from({ length: 6 }, hello))
    const { given, Opener } = opener()
    const { rerender } = render(<p />)
    for (const room of rooms) {
      rerender(<Opener room={room} />)
      await waitFor(() => expect(texts()).toEqual(['hello']))
    }
    await vi.advanceTimersByTimeAsync(0)
    const statuses = () => [...given].map(({ status }) => status.name)
    expect(statuses()).toEqual(['closed', 'closed', 'live', 'live', 'live', 'live'])
    rerender(<Opener room={rooms[2] ?? expect.fail()} />)
    expect(texts()).toEqual(['hello'])
    expect(given.size).toBe(6)
    await vi.advanceTimersByTimeAsync(graceIsOver)
    expect(statuses()).toEqual(['closed', 'closed', 'live', 'closed', 'closed', 'closed'])
  })

  test('hot reload, which makes the definition anew, swaps the database and keeps the page going [F-life-4]', async () => {
    const room = await hello()
    const { given, Opener } = opener()
    const { rerender } = render(<Opener room={room} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    rerender(<Opener room={{ ...room, options: { ...room.options, state: { ...state } } }} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    await vi.advanceTimersByTimeAsync(graceIsOver)
    expect([...given].map(({ status }) => status.name)).toEqual(['closed', 'live'])
    await waitFor(() => expect(openReads(room)).toBe(1))
  })

  test('stays open while writes are on their way', async () => {
    const room = await hello()
    const { given, Opener } = opener()
    const { unmount } = render(<Opener room={room} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    const [db] = given
    room.cut(true)
    const transaction = db?.collections.messages.insert({ id: 'm2', userId: 'u1', text: 'later' })
    unmount()
    await vi.advanceTimersByTimeAsync(graceIsOver)
    expect(db?.status.name).not.toBe('closed')
    room.cut(false)
    await pass(() => expect(db?.status.name).toBe('closed'))
    await transaction?.when('settled')
    expect(transaction?.state).toBe('completed')
  })
})

describe('useStreamDB(create, deps)', () => {
  test('creates once for its deps, and again when they change', async () => {
    const rooms = [await hello(), await createWatchedRoom(message('m9', 'u1', 'other room'))]
    let created = 0
    function Opener({ index, label }: { readonly index: number; readonly label: string }): ReactElement {
      const db = useStreamDB(() => {
        created++
        return createStreamDB(rooms[index]?.options ?? { state: {} as never })
      }, [index])
      return (
        <section aria-label={label}>
          <Lines db={db} />
        </section>
      )
    }
    const { rerender } = render(<Opener index={0} label="a" />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    rerender(<Opener index={0} label="b" />)
    expect(created).toBe(1)
    rerender(<Opener index={1} label="c" />)
    await waitFor(() => expect(texts()).toEqual(['other room']))
    expect(created).toBe(2)
  })

  test('finds the same database again after a suspended first render, which React throws away', async () => {
    const room = await hello()
    let created = 0
    const Suspended = suspended((each) =>
      useStreamDB(() => {
        created++
        return createStreamDB(each.options)
      }, [each]),
    )
    render(
      <StrictMode>
        <Suspense fallback={<p role="status">loading</p>}>
          <Suspended room={room} />
        </Suspense>
      </StrictMode>,
    )
    await waitFor(() => expect(texts()).toEqual(['hello']))
    await waitFor(() => expect(openReads(room)).toBe(1))
    expect(room.reads).toHaveLength(2)
    expect(created).toBeGreaterThan(1)
  })
})

/** A component that opens a room and suspends until it is loaded. */
function suspended(open: (room: WatchedRoom) => RoomDB) {
  return function Suspended({ room }: { readonly room: WatchedRoom }): ReactElement {
    const db = open(room)
    const { data } = useLiveSuspenseQuery({ query: (q) => q.from({ message: db.collections.messages }) })
    return (
      <ul>
        {data.map(({ id, text }) => (
          <li key={id}>{text}</li>
        ))}
      </ul>
    )
  }
}

function renderDb<Argument>(
  hook: (argument: Argument) => RoomDB,
  first: Argument,
): { result: () => RoomDB | undefined; rerender: (next: Argument) => void } {
  let current: RoomDB | undefined
  function Probe({ argument }: { readonly argument: Argument }): ReactNode {
    current = hook(argument)
    return null
  }
  const { rerender } = render(<Probe argument={first} />)
  return { result: () => current, rerender: (next) => rerender(<Probe argument={next} />) }
}

describe('rendering that is given up', () => {
  test('a render that never commits leaves no database and no request', async () => {
    const room = await hello()
    const given = new Set<RoomDB>()
    const never: Promise<never> = new Promise<never>(() => undefined)
    function Endless(): ReactElement {
      const db = useStreamDB(room.options)
      given.add(db)
      // As a join does, which starts in the render.
      db.collections.messages.startSyncImmediate()
      // oxlint-disable-next-line typescript/only-throw-error -- how one suspends in every React
      throw never
    }
    const { unmount } = render(
      <Suspense fallback={<p role="status">loading</p>}>
        <Endless />
      </Suspense>,
    )
    await waitFor(() => expect(room.reads.length).toBeGreaterThan(0))
    unmount()
    await vi.advanceTimersByTimeAsync(2 * graceIsOver)
    expect([...given].map(({ status }) => status.name)).toEqual([...given].map(() => 'closed'))
    expect(openReads(room)).toBe(0)
  })

  test('a suspended render keeps the database that it waits for, however long that takes', async () => {
    const room = await hello()
    room.cut(true)
    const Suspended = suspended((each) => useStreamDB(each.options))
    render(
      <Suspense fallback={<p role="status">loading</p>}>
        <Suspended room={room} />
      </Suspense>,
    )
    await waitFor(() => expect(room.reads.length).toBeGreaterThan(0))
    await vi.advanceTimersByTimeAsync(3 * graceIsOver)
    expect(screen.getByRole('status').textContent).toBe('loading')
    room.cut(false)
    await pass(() => expect(texts()).toEqual(['hello']))
    await vi.advanceTimersByTimeAsync(3 * graceIsOver)
    await waitFor(() => expect(openReads(room)).toBe(1))
  })

  test('a suspended render keeps the database that another component let go of, too', async () => {
    const room = await hello()
    room.cut(true)
    const { given, Opener } = opener()
    render(<Opener room={room} />).unmount()
    const Suspended = suspended((each) => {
      const db = useStreamDB(each.options)
      given.add(db)
      return db
    })
    render(
      <Suspense fallback={<p role="status">loading</p>}>
        <Suspended room={room} />
      </Suspense>,
    )
    await vi.advanceTimersByTimeAsync(3 * graceIsOver)
    expect(screen.getByRole('status').textContent).toBe('loading')
    room.cut(false)
    await pass(() => expect(texts()).toEqual(['hello']))
    expect(given.size).toBe(1)
  })

  test('a transition to another stream keeps the page until that one is loaded', async () => {
    const rooms = [
      await hello(),
      await createWatchedRoom(message('m9', 'u1', 'other room'), user('u1', 'Ada')),
    ] as const
    const Suspended = suspended((each) => useStreamDB(each.options))
    function Page(): ReactElement {
      const [index, setIndex] = useState<0 | 1>(0)
      return (
        <Suspense fallback={<p role="status">loading</p>}>
          <Suspended room={rooms[index]} />
          <button type="button" onClick={() => startTransition(() => setIndex(1))} />
        </Suspense>
      )
    }
    render(<Page />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    act(() => screen.getByRole('button').click())
    expect(texts()).toEqual(['hello'])
    await waitFor(() => expect(texts()).toEqual(['other room']))
    await vi.advanceTimersByTimeAsync(graceIsOver)
    expect(openReads(rooms[0])).toBe(0)
    await waitFor(() => expect(openReads(rooms[1])).toBe(1))
  })
})

describe('[F-real-21] options that are new in every render', () => {
  test('functions are called in their newest form: headers, callbacks and actions', async () => {
    const room = await hello()
    const tokens: (string | null)[] = []
    const streamOptions = {
      ...room.options.streamOptions,
      url: room.url,
      fetch: (...[input, init]: Parameters<typeof fetch>) => {
        tokens.push(new Headers(init?.headers).get('authorization'))
        return room.options.streamOptions?.fetch?.(input, init) ?? fetch(input, init)
      },
    }
    const heard: string[] = []
    const seen = new Set<(text: string) => Transaction>()
    function Composer({ name }: { readonly name: string }): ReactElement {
      const opened = useStreamDB({
        streamOptions: { ...streamOptions, headers: { authorization: () => name } },
        state,
        onEvent: ({ key }) => void heard.push(`${name} heard ${key}`),
        actions: ({ db: { collections } }) => ({
          say: {
            onMutate: (text: string) =>
              void collections.messages.insert({ id: text, userId: name, text: `${text} by ${name}` }),
          },
        }),
      })
      seen.add(opened.actions.say)
      return <Lines db={opened} />
    }
    const { rerender } = render(<Composer name="ada" />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    expect(new Set(tokens)).toEqual(new Set(['ada']))
    tokens.length = 0
    rerender(<Composer name="grace" />)
    // A function that stays the same, for `useAction`.
    expect(seen.size).toBe(1)
    for (const say of seen) await say('x').when('settled')
    await waitFor(() => expect(texts()).toEqual(['hello', 'x by grace']))
    expect(new Set(tokens)).toEqual(new Set(['grace']))
    expect(heard).toEqual(['ada heard m1', 'grace heard x'])
  })

  test('a render that is thrown away changes nothing', async () => {
    const room = await hello()
    const heard: string[] = []
    const never: Promise<never> = new Promise<never>(() => undefined)
    function Page({ name }: { readonly name: string }): ReactElement {
      const db = useStreamDB({ ...room.options, onEvent: () => void heard.push(name) })
      // oxlint-disable-next-line typescript/only-throw-error -- how one suspends in every React
      if (name === 'grace') throw never
      return <Lines db={db} />
    }
    const { rerender } = render(<Page name="ada" />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    startTransition(() => {
      rerender(
        <Suspense>
          <Page name="ada" />
        </Suspense>,
      )
    })
    await room.append(message('m2', 'u1', 'more'))
    await waitFor(() => expect(heard.length).toBeGreaterThan(1))
    expect(new Set(heard)).toEqual(new Set(['ada']))
  })

  test("a second component's actions are there in its first render, and those of the first stay", async () => {
    const room = await hello()
    const insert = (id: string) => ({
      actions: ({ db: { collections } }: ActionContext<typeof state>) => ({
        [id]: { onMutate: () => void collections.messages.insert({ id, userId: 'u1', text: id }) },
      }),
    })
    const calls: (() => Transaction)[] = []
    const unused = (): Transaction => expect.fail()
    function Opener({ id }: { readonly id?: string }): ReactElement {
      const db = useStreamDB({ ...room.options, ...(id !== undefined && insert(id)) })
      const actions: Readonly<Record<string, () => Transaction>> = db.actions
      const { run } = useAction(id === undefined ? unused : (actions[id] ?? expect.fail()))
      if (id !== undefined) calls.push(run)
      return <Lines db={db} />
    }
    render(
      <>
        <Opener />
        <Opener id="a" />
        <Opener id="b" />
      </>,
    )
    await waitFor(() => expect(texts()).toEqual(['hello', 'hello', 'hello']))
    act(() => calls.forEach((run) => void run()))
    await waitFor(() => expect(texts().slice(0, 3)).toEqual(['a', 'b', 'hello']))
  })

  test.each<[path: string, before: Partial<RoomOptions>, now: Partial<RoomOptions>]>([
    ['history', {}, { history: true }],
    ['history.limit', { history: { limit: 1 } }, { history: { limit: 2 } }],
    ['live', { live: 'sse' }, { live: 'long-poll' }],
    ['onEvent', { onEvent: () => undefined }, {}],
    ['onInvalid', { onInvalid: 'skip' }, { onInvalid: 'fail' }],
    ['retry.maxDelay', { retry: { maxDelay: 100 } }, { retry: { maxDelay: 200 } }],
    ['streamOptions.headers.tenant', { streamOptions: headers('a') }, { streamOptions: headers('b') }],
  ])('%s cannot change: a warning names it and deps, once', async (path, before, now) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const room = await hello()
    const optionsOf = (changing: Partial<RoomOptions>) => ({
      ...room.options,
      ...changing,
      streamOptions: { ...room.options.streamOptions, ...changing.streamOptions, url: room.url },
    })
    function Opener({ changing }: { readonly changing: Partial<RoomOptions> }): ReactElement {
      return <Lines db={useStreamDB(optionsOf(changing))} />
    }
    const { rerender } = render(<Opener changing={before} />)
    rerender(<Opener changing={{ ...before }} />)
    const warnings = () => warn.mock.calls.map(String).filter((text) => text.includes('[StreamDB]'))
    expect(warnings()).toEqual([])
    rerender(<Opener changing={now} />)
    rerender(<Opener changing={{ ...now }} />)
    expect(warnings()).toEqual([expect.stringMatching(new RegExp(`The option ${path} .*deps`))])
    expect(String(warnings())).not.toMatch(/'b'|"b"/)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    warn.mockRestore()
  })

  test('two components whose options differ are warned of it; what one of them leaves out is no difference', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const room = await hello()
    function Opener({ options }: { readonly options: Partial<RoomOptions> }): ReactElement {
      return <Lines db={useStreamDB({ ...room.options, ...options })} />
    }
    render(
      <>
        <Opener options={{ live: 'sse', history: true, onEvent: () => undefined }} />
        <Opener options={{}} />
      </>,
    )
    const warnings = () => warn.mock.calls.map(String).filter((text) => text.includes('[StreamDB]'))
    expect(warnings()).toEqual([])
    render(<Opener options={{ live: 'long-poll' }} />)
    expect(warnings()).toEqual([expect.stringMatching(/The option live .*deps/)])
    warn.mockRestore()
  })
})

type RoomOptions = WatchedRoom['options']

function headers(tenant: string): RoomOptions['streamOptions'] {
  return { url: '', headers: { tenant } }
}

describe('[F-real-22] who waits keeps the database', () => {
  test('a render that shows rows, and is suspended for another reason, finds them again after the timeout', async () => {
    const room = await hello()
    let release = (): void => undefined
    let isReleased = false
    const other = new Promise<void>((resolve) => (release = resolve))
    const given = new Set<RoomDB>()
    function Page(): ReactElement {
      const db = useStreamDB(room.options)
      given.add(db)
      const { data } = useLiveSuspenseQuery({ query: (q) => q.from({ message: db.collections.messages }) })
      // oxlint-disable-next-line typescript/only-throw-error -- how one suspends in every React
      if (!isReleased) throw other
      return <li>{data.length}</li>
    }
    render(
      <Suspense fallback={<p role="status">loading</p>}>
        <Page />
      </Suspense>,
    )
    await pass(() => expect([...given].map(({ status }) => status.name)).toEqual(['live']))
    await vi.advanceTimersByTimeAsync(3 * graceIsOver)
    isReleased = true
    release()
    await waitFor(() => expect(texts()).toEqual(['1']))
    expect(given.size).toBe(1)
  })

  test('a render that is suspended by preload() itself keeps the database', async () => {
    const room = await hello()
    room.cut(true)
    const given = new Set<RoomDB>()
    function Page(): ReactElement {
      const db = useStreamDB(room.options)
      given.add(db)
      // oxlint-disable-next-line typescript/only-throw-error -- how one suspends in every React
      if (db.offset === '-1') throw db.preload()
      return <Lines db={db} />
    }
    render(
      <Suspense fallback={<p role="status">loading</p>}>
        <Page />
      </Suspense>,
    )
    await vi.advanceTimersByTimeAsync(3 * graceIsOver)
    room.cut(false)
    for (const db of given) db.retry()
    await waitFor(() => expect(texts()).toEqual(['hello']))
    expect(given.size).toBe(1)
  })
})

describe('[F-real-76] suspended renders that are abandoned', () => {
  test('while the server hangs leave nothing open after a while, and what is shown stays open', async () => {
    const rooms = await Promise.all(Array.from({ length: 12 }, hello))
    const given = new Set<RoomDB>()
    // The server never answers.
    const hang = () => new Promise<Response>(() => undefined)
    const Suspended = suspended((each) => {
      const db = useStreamDB({
        ...each.options,
        streamOptions: { url: each.url, fetch: hang, warnOnHttp: false },
      })
      given.add(db)
      return db
    })
    const page = (room: WatchedRoom): ReactElement => (
      <Suspense fallback={<p role="status">loading</p>}>
        <Suspended key={room.url} room={room} />
      </Suspense>
    )
    const [first = expect.fail(), ...others] = rooms
    const { rerender, unmount } = render(page(first))
    for (const room of others) rerender(page(room))
    expect(given.size).toBe(12)
    await vi.advanceTimersByTimeAsync(3 * graceIsOver)
    const open = () => [...given].filter(({ status }) => status.name !== 'closed')
    expect(open().map(({ stream }) => stream.url)).toEqual([rooms.at(-1)?.url])
    expect(given.size).toBe(12)
    unmount()
    await vi.advanceTimersByTimeAsync(3 * graceIsOver)
    expect(open()).toEqual([])
  })
})

import { createStreamDB, useStreamDB, useStreamStatus } from '../src/index.ts'
import { render, screen, waitFor } from '@testing-library/react'
import { StrictMode, Suspense } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { rereads } from '@streamdb/testkit'
import { createWatchedRoom, message, room as state } from '@streamdb/testkit/rooms'
import type { RoomDB } from '@streamdb/testkit/rooms'
import {
  closeAll,
  fakeTimeouts,
  hello,
  Lines,
  opener,
  openReads,
  pass,
  pastIdleTimeout,
  suspended,
  texts,
} from './pages.tsx'

beforeEach(fakeTimeouts)
afterEach(closeAll)

describe('useStreamDB(options)', () => {
  test('[F-life-4] opens on mount, follows, and closes a while after unmount', async () => {
    const room = await hello()
    const { given, Opener } = opener()
    const { unmount } = render(<Opener room={room} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    await room.append(message('m2', 'u1', 'more'))
    await waitFor(() => expect(texts()).toEqual(['hello', 'more']))
    const [db] = given
    unmount()
    expect(db?.status.name).toBe('live')
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
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

  test('[F-life-4] StrictMode keeps one database and one connection', async () => {
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
    const again = Array<null>(await rereads()).fill(null)
    expect(room.reads.map(({ live }) => live)).toEqual([null, ...again, 'sse'])
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
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
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
    expect([...given].map(({ status }) => status.name)).toEqual(['live'])
    expect(texts()).toEqual(['hello'])
    second.unmount()
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
    expect([...given].map(({ status }) => status.name)).toEqual(['closed'])
    expect(room.reads).toHaveLength(2 + (await rereads()))
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

  test('[F-life-4] a page that comes back within the idle timeout finds its rows', async () => {
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
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
    render(<Opener room={room} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    expect(given.size).toBe(2)
  })

  test('[F-life-4] swapping the stream shows the loading state and then the other one, and leaks no request', async () => {
    const rooms = [await hello(), await createWatchedRoom(message('m9', 'u1', 'other room'))] as const
    const { given, Opener } = opener()
    const { rerender } = render(<Opener room={rooms[0]} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    rerender(<Opener room={rooms[1]} />)
    expect(screen.getByRole('status').textContent).toBe('loading')
    await waitFor(() => expect(texts()).toEqual(['other room']))
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
    expect([...given].map(({ status }) => status.name)).toEqual(['closed', 'live'])
    expect(openReads(rooms[0])).toBe(0)
    await waitFor(() => expect(openReads(rooms[1])).toBe(1))
  })

  test('[F-life-4] swapped for another database on the same URL while mounted', async () => {
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
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
    await waitFor(() => expect(openReads(room)).toBe(1))
  })

  test('[F-life-4] one stream after the other: only the last of them stay open', async () => {
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
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
    expect(statuses()).toEqual(['closed', 'closed', 'live', 'closed', 'closed', 'closed'])
  })

  test('[F-life-4] hot reload, which makes the definition anew, swaps the database and keeps the page going', async () => {
    const room = await hello()
    const { given, Opener } = opener()
    const { rerender } = render(<Opener room={room} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    rerender(<Opener room={{ ...room, options: { ...room.options, state: { ...state } } }} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
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
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
    expect(db?.status.name).not.toBe('closed')
    room.cut(false)
    await pass(() => expect(db?.status.name).toBe('closed'))
    await transaction?.when('settled')
    expect(transaction?.state).toBe('completed')
  })
})

test('[F-life-4] a query that stays mounted reads one database after the other on the same URL', async () => {
  const room = await hello()
  const { rerender } = render(<p />)
  for (let round = 0; round < 5; round++) {
    const db = createStreamDB(room.options)
    rerender(<Lines db={db} />)
    await waitFor(() => expect(texts()).toEqual(['hello']))
    db.close()
  }
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

  test('finds the same database after a suspended first render that React discards', async () => {
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
    expect(room.reads).toHaveLength(2 + (await rereads()))
    expect(created).toBeGreaterThan(1)
  })
})

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

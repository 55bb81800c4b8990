import { useLiveSuspenseQuery, useStreamDB } from '../src/index.ts'
import { act, render, screen, waitFor } from '@testing-library/react'
import { startTransition, Suspense, useState } from 'react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createWatchedRoom, message, user } from '@streamdb/testkit/rooms'
import type { RoomDB, WatchedRoom } from '@streamdb/testkit/rooms'
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

describe('renders that are abandoned or suspended', () => {
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
    await vi.advanceTimersByTimeAsync(2 * pastIdleTimeout)
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
    await vi.advanceTimersByTimeAsync(3 * pastIdleTimeout)
    expect(screen.getByRole('status').textContent).toBe('loading')
    room.cut(false)
    await pass(() => expect(texts()).toEqual(['hello']))
    await vi.advanceTimersByTimeAsync(3 * pastIdleTimeout)
    await waitFor(() => expect(openReads(room)).toBe(1))
  })

  test('a suspended render keeps the database that another component released, too', async () => {
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
    await vi.advanceTimersByTimeAsync(3 * pastIdleTimeout)
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
    await vi.advanceTimersByTimeAsync(pastIdleTimeout)
    expect(openReads(rooms[0])).toBe(0)
    await waitFor(() => expect(openReads(rooms[1])).toBe(1))
  })
})

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
    await vi.advanceTimersByTimeAsync(3 * pastIdleTimeout)
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
    await vi.advanceTimersByTimeAsync(3 * pastIdleTimeout)
    room.cut(false)
    for (const db of given) db.retry()
    await waitFor(() => expect(texts()).toEqual(['hello']))
    expect(given.size).toBe(1)
  })
})

describe('[F-real-76] suspended renders that are abandoned', () => {
  test('close their databases after a while, and those in use stay open', async () => {
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
    await vi.advanceTimersByTimeAsync(3 * pastIdleTimeout)
    const open = () => [...given].filter(({ status }) => status.name !== 'closed')
    expect(open().map(({ stream }) => stream.url)).toEqual([rooms.at(-1)?.url])
    expect(given.size).toBe(12)
    unmount()
    await vi.advanceTimersByTimeAsync(3 * pastIdleTimeout)
    expect(open()).toEqual([])
  })
})

import { useLiveQuery, useLiveSuspenseQuery, useStreamDB } from '../src/index.ts'
import { eventually } from '@streamdb/testkit'
import { createWatchedRoom, message } from '@streamdb/testkit/rooms'
import type { RoomDB, WatchedRoom } from '@streamdb/testkit/rooms'
import { act, cleanup, screen } from '@testing-library/react'
import type { ReactElement } from 'react'
import { vi } from 'vitest'

// What several files of tests show of a room.

/** Longer than a database stays open that nobody retains. */
export const pastIdleTimeout = 6_000

/** Puts timeouts on a clock of the test. The network, and React, go on by themselves. */
export function fakeTimeouts(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
}

/** Unmounts the page, and lets the timeouts pass that close databases. */
export async function closeAll(): Promise<void> {
  cleanup()
  await vi.advanceTimersByTimeAsync(pastIdleTimeout)
  vi.useRealTimers()
}

/** Lists the texts of a room. */
export function Lines({ db }: { readonly db: RoomDB }): ReactElement {
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
export function opener(): {
  given: Set<RoomDB>
  Opener: (props: { readonly room: WatchedRoom }) => ReactElement
} {
  const given = new Set<RoomDB>()
  function Opener({ room }: { readonly room: WatchedRoom }): ReactElement {
    const db = useStreamDB(room.options)
    given.add(db)
    return <Lines db={db} />
  }
  return { given, Opener }
}

/** A component that opens a room and suspends until it is loaded. */
export function suspended(open: (room: WatchedRoom) => RoomDB) {
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

/** Returns the texts that the page lists. */
export function texts(): (string | null)[] {
  return screen.queryAllByRole('listitem').map((item) => item.textContent)
}

/** Lets time pass until `assertion` holds: whatever waits to try again does so. */
export function pass(assertion: () => void): Promise<void> {
  return eventually(async () => {
    await act(() => vi.advanceTimersByTimeAsync(500))
    assertion()
  })
}

/** Counts the requests of rooms that are open. */
export function openReads(...rooms: readonly WatchedRoom[]): number {
  return rooms.flatMap(({ reads }) => reads).filter(({ open }) => open).length
}

/** Creates a room with one message. */
export const hello = (): Promise<WatchedRoom> => createWatchedRoom(message('m1', 'u1', 'hello'))

import {
  createStreamDB,
  StreamDBProvider,
  useLiveQuery,
  useLiveSuspenseQuery,
  useStreamDB,
  useStreamStatus,
} from '../src/index.ts'
import { cleanup, render, screen, waitFor } from '@testing-library/react'
import { useEffect, useState } from 'react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createWatchedRoom, message } from '@streamdb/testkit/rooms'
import type { RoomDB, WatchedRoom } from '@streamdb/testkit/rooms'

import { Caught, click, Messages, texts } from './boundary.tsx'

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined))
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

interface CaseProps {
  readonly room: WatchedRoom
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
  test('reaches its boundary, again on a second failure, and recovers on a retry', async () => {
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

test('an error that is not of a database is passed on unchanged', () => {
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

import { createStreamDB, eq, StreamDBProvider, useLiveQuery, useLiveSuspenseQuery } from '../src/index.ts'
import type { StreamDBError } from '../src/index.ts'
import { act, cleanup, render, screen, waitFor } from '@testing-library/react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { createWatchedRoom, message } from '@streamdb/testkit/rooms'
import type { RoomDB } from '@streamdb/testkit/rooms'

import { Caught, Messages, texts } from './boundary.tsx'

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined))
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
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

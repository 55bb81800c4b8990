import {
  count,
  eq,
  StreamDBProvider,
  useLiveInfiniteQuery,
  useLiveQuery,
  useStreamDB,
  useStreamStatus,
} from '../src/index.ts'
import { eventually } from '@streamdb/testkit'
import { act, cleanup, render } from '@testing-library/react'
import { memo } from 'react'
import type { ReactElement } from 'react'
import { afterEach, describe, expect, test } from 'vitest'
import { message, openWatchedRoom, user } from '@streamdb/testkit/rooms'
import type { RoomDB } from '@streamdb/testkit/rooms'

afterEach(cleanup)

/** How often each component was rendered since the last `takeRenders`. */
const renders = new Map<string, number>()

function rendered(name: string): void {
  renders.set(name, (renders.get(name) ?? 0) + 1)
}

function takeRenders(): Record<string, number> {
  const seen = Object.fromEntries(renders)
  renders.clear()
  return seen
}

function Users(): ReactElement {
  const { users } = useStreamDB<RoomDB>().collections
  const { data } = useLiveQuery({ query: (q) => q.from({ user: users }) })
  rendered('users')
  return <p>{data.length}</p>
}

function Messages(): ReactElement {
  const { messages } = useStreamDB<RoomDB>().collections
  const { data } = useLiveQuery({ query: (q) => q.from({ message: messages }) })
  rendered('messages')
  return (
    <>
      {data.map((row) => (
        <Message key={row.id} text={row.text} />
      ))}
    </>
  )
}

const Message = memo(function Message({ text }: { readonly text: string }): ReactElement {
  rendered(`message ${text}`)
  return <p>{text}</p>
})

function MessagesOf({ userId }: { readonly userId: string }): ReactElement {
  const { messages } = useStreamDB<RoomDB>().collections
  const { data } = useLiveQuery({
    query: (q) => q.from({ message: messages }).where(({ message: m }) => eq(m.userId, userId)),
  })
  rendered(`of ${userId}`)
  return <p>{data.length}</p>
}

function Joined(): ReactElement {
  const { messages, users } = useStreamDB<RoomDB>().collections
  const { data } = useLiveQuery({
    query: (q) =>
      q
        .from({ message: messages })
        .innerJoin({ user: users }, ({ message: m, user: u }) => eq(m.userId, u.id))
        .select(({ message: m, user: u }) => ({ id: m.id, author: u.name })),
  })
  rendered('joined')
  return <p>{data.length}</p>
}

function Counted(): ReactElement {
  const { messages } = useStreamDB<RoomDB>().collections
  const { data } = useLiveQuery({
    query: (q) =>
      q
        .from({ message: messages })
        .groupBy(({ message: m }) => m.userId)
        .select(({ message: m }) => ({ userId: m.userId, sent: count(m.id) })),
  })
  rendered('counted')
  return <p>{data.length}</p>
}

function Paged(): ReactElement {
  const { messages } = useStreamDB<RoomDB>().collections
  const { data } = useLiveInfiniteQuery(
    (q) => q.from({ message: messages }).orderBy(({ message: m }) => m.id),
    { pageSize: 1, queryKey: ['paged'] },
  )
  rendered('paged')
  return <p>{data.length}</p>
}

function Bar(): ReactElement {
  rendered('bar')
  return <p>{useStreamStatus().name}</p>
}

async function page() {
  const room = await openWatchedRoom(
    user('u1', 'Ada'),
    message('m1', 'u1', 'one'),
    message('m2', 'u2', 'two'),
  )
  await room.db.preload()
  render(
    <StreamDBProvider db={room.db}>
      <Users />
      <Messages />
      <MessagesOf userId="u1" />
      <MessagesOf userId="u2" />
      <Joined />
      <Counted />
      <Paged />
      <Bar />
    </StreamDBProvider>,
  )
  await act(async () => {
    await eventually(() => expect(room.db.status.name).toBe('live'))
  })
  takeRenders()
  /** Appends, waits until the page has it, and says what was rendered for it. */
  async function after(...events: unknown[]): Promise<Record<string, number>> {
    const end = await room.append(...events)
    await act(async () => {
      await eventually(() => expect(room.db.offset).toBe(end))
    })
    return takeRenders()
  }
  return { ...room, after }
}

describe('a change renders the components whose query it touches, once, and no others', () => {
  test('a row of one collection', async () => {
    const { after } = await page()
    expect(await after(user('u3', 'Grace'))).toEqual({ users: 1 })
  })

  test('a row that a filter, a group and a join see, beyond the page that is shown', async () => {
    const { after } = await page()
    expect(await after(message('m3', 'u1', 'three'))).toEqual({
      messages: 1,
      'message three': 1,
      'of u1': 1,
      joined: 1,
      counted: 1,
    })
  })

  test('a field that a query does not select', async () => {
    const { after } = await page()
    expect(await after(message('m1', 'u1', 'one again'))).toEqual({
      messages: 1,
      'message one again': 1,
      'of u1': 1,
      paged: 1,
    })
  })

  test('the same row again renders nothing [F-mat-5]', async () => {
    const { after } = await page()
    expect(await after(message('m1', 'u1', 'one'))).toEqual({})
  })

  test('a batch of both sides of a join renders the join once [C1]', async () => {
    const { after } = await page()
    expect(await after(message('m4', 'u9', 'four'), user('u9', 'Joan'))).toMatchObject({
      joined: 1,
      users: 1,
    })
  })

  test('a status, but not the rows', async () => {
    const { db } = await page()
    act(() => db.close())
    expect(takeRenders()).toEqual({ bar: 1 })
  })
})

import {
  createStateSchema,
  createStreamDB,
  createStreamDBContext,
  useLiveQuery,
  useStreamDB,
  useStreamStatus,
} from '../src/index.ts'
import type { StreamDB } from '../src/index.ts'
import { cleanup, render, screen } from '@testing-library/react'
import type { ReactElement } from 'react'
import { afterEach, describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { message, openWatchedRoom } from '@streamdb/testkit/rooms'
import type { RoomDB } from '@streamdb/testkit/rooms'

afterEach(cleanup)

const lobby = createStateSchema({
  rooms: { schema: z.object({ id: z.string(), title: z.string() }), type: 'room', primaryKey: 'id' },
})
const { StreamDBProvider: RoomProvider, useStreamDB: useRoom } = createStreamDBContext<RoomDB>()
const { StreamDBProvider: LobbyProvider, useStreamDB: useLobby } =
  createStreamDBContext<StreamDB<typeof lobby>>()

async function openLobby(): Promise<StreamDB<typeof lobby>> {
  const { url } = await openWatchedRoom()
  const db = createStreamDB({ streamOptions: { url, warnOnHttp: false }, state: lobby })
  onTestFinished(() => db.close())
  return db
}

describe('createStreamDBContext', () => {
  test('its hook has the type of its database', async () => {
    const { db } = await openWatchedRoom(message('m1', 'u1', 'hello'))
    await db.preload()
    function Page(): ReactElement {
      const found = useRoom()
      expectTypeOf(found).toEqualTypeOf<RoomDB>()
      const { data } = useLiveQuery({ query: (q) => q.from({ message: found.collections.messages }) })
      return <p>{data.map(({ text }) => text)}</p>
    }
    render(
      <RoomProvider db={db}>
        <Page />
      </RoomProvider>,
    )
    screen.getByText('hello')
  })

  test('databases of two kinds are both available, and hooks without a type find the nearest', async () => {
    const { db: roomDB } = await openWatchedRoom()
    const lobbyDB = await openLobby()
    let found: unknown[] = []
    function Page(): ReactElement {
      found = [useLobby(), useRoom(), useStreamDB<RoomDB>()]
      return <p>{useStreamStatus().name}</p>
    }
    render(
      <LobbyProvider db={lobbyDB}>
        <RoomProvider db={roomDB}>
          <Page />
        </RoomProvider>
      </LobbyProvider>,
    )
    expect(found).toEqual([lobbyDB, roomDB, roomDB])
  })

  test('takes no database of another kind, and says what to do where there is none', async () => {
    const lobbyDB = await openLobby()
    // @ts-expect-error -- a lobby is no room
    void (<RoomProvider db={lobbyDB} />)
    function Page(): ReactElement {
      return <p>{useRoom().offset}</p>
    }
    expect(() => render(<Page />)).toThrow(/StreamDBProvider/)
  })
})

test('useStreamDB(options) has the types of its definition and its actions', () => {
  const options = {
    streamOptions: { url: 'https://streams.example.com/lobby' },
    state: lobby,
    actions: () => ({ open: { onMutate: (_title: string) => undefined } }),
  }
  const use = () => useStreamDB(options)
  expectTypeOf<ReturnType<typeof use>['collections']>().toEqualTypeOf<StreamDB<typeof lobby>['collections']>()
  expectTypeOf<Parameters<ReturnType<typeof use>['actions']['open']>>().toEqualTypeOf<[title: string]>()
  const useCreated = () => useStreamDB(() => createStreamDB(options), [])
  expectTypeOf<ReturnType<typeof useCreated>>().toEqualTypeOf<ReturnType<typeof use>>()
})

import { cleanup, render, screen, waitFor } from '@testing-library/react'
import { message, createWatchedRoom, user } from '@streamdb/testkit/rooms'
import type { RoomDB } from '@streamdb/testkit/rooms'
import { StrictMode, Suspense } from 'react'
import type { ReactElement } from 'react'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { createStreamDB, eq, useLiveSuspenseQuery } from '../src/index.ts'

afterEach(cleanup)

let renders = 0
let fallbacks = 0

function Waiting(): ReactElement {
  fallbacks++
  return <p>waiting</p>
}

/** The messages of a user with the user's name, suspended until they are there. */
function Messages({ db, id }: { readonly db: RoomDB; readonly id: string }): ReactElement {
  renders++
  const { messages, users } = db.collections
  const { data } = useLiveSuspenseQuery({
    query: (q) =>
      q
        .from({ m: messages })
        .where(({ m }) => eq(m.userId, id))
        .leftJoin({ u: users }, ({ m, u }) => eq(m.userId, u.id))
        .orderBy(({ m }) => m.id, 'desc')
        .limit(2)
        .select(({ m, u }) => ({ id: m.id, name: u?.name })),
  })
  return (
    <ul>
      {data.map((row) => (
        <li key={row.id}>{`${row.id} ${row.name}`}</li>
      ))}
    </ul>
  )
}

const shown = (): (string | null)[] => screen.queryAllByRole('listitem').map(({ textContent }) => textContent)

test('[D4] useLiveSuspenseQuery: waits for the first load, is then answered at once, and never loops', async () => {
  renders = fallbacks = 0
  const room = await createWatchedRoom(
    ...['u1', 'u2'].flatMap((id) => [
      user(id, `name of ${id}`),
      message(`${id}-a`, id),
      message(`${id}-b`, id),
    ]),
  )
  const db = createStreamDB({ ...room.options, syncMode: 'on-demand' })
  onTestFinished(() => db.close())
  const page = (id: string): ReactElement => (
    <StrictMode>
      <Suspense fallback={<Waiting />}>
        <Messages db={db} id={id} />
      </Suspense>
    </StrictMode>
  )
  const { rerender } = render(page('u1'))
  await waitFor(() => expect(shown()).toEqual(['u1-b name of u1', 'u1-a name of u1']))
  expect(fallbacks).toBeGreaterThan(0)
  expect(db.collections.messages.size).toBe(2)
  rerender(page('u2'))
  await waitFor(() => expect(shown()).toEqual(['u2-b name of u2', 'u2-a name of u2']))
  const before = renders
  await room.append(message('u2-c', 'u2'), message('u1-c', 'u1'))
  await waitFor(() => expect(shown()).toEqual(['u2-c name of u2', 'u2-b name of u2']))
  // StrictMode renders twice; a query that suspends for ever renders without end.
  expect(renders - before).toBeLessThan(10)
  expect(before).toBeLessThan(40)
})

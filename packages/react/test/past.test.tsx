import { StreamDBProvider, useLiveQuery, useReadable, useStreamDB, useStreamStatus } from '../src/index.ts'
import type { PastStreamDB } from '../src/index.ts'
import { act, cleanup, render, screen, waitFor } from '@testing-library/react'
import type { ReactElement } from 'react'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { message, openWatchedRoom, user } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'

afterEach(cleanup)

function Past(): ReactElement {
  const past = useStreamDB<PastStreamDB<Room>>()
  const { name } = useStreamStatus()
  const { behind, ahead } = useReadable(past.position)
  const { data } = useLiveQuery((q) => q.from({ message: past.collections.messages }))
  return (
    <p role="status">{`${name} ${behind}/${behind + ahead}: ${data.map(({ text }) => text).join(' ')}`}</p>
  )
}

test('[H6] the hooks read a database of the past as any other, and follow its moves', async () => {
  // One transaction on every server: only some say which events were appended together.
  const { db, append } = await openWatchedRoom(
    user('u1', 'Ada', 'first'),
    message('m1', 'u1', 'one', 'first'),
  )
  await append(message('m2', 'u1', 'two'))
  await append(message('m1', 'u1', 'three'))
  await db.preload()
  const past = db.at('-1')
  onTestFinished(() => past.close())
  render(
    <StreamDBProvider db={past}>
      <Past />
    </StreamDBProvider>,
  )
  const status = (): string | null => screen.getByRole('status').textContent
  await waitFor(() => expect(status()).toBe('ended 0/0: '))
  await act(() => past.moveTo(db.offset))
  await waitFor(() => expect(status()).toBe('ended 3/3: three two'))
  await act(() => past.step(-1))
  await waitFor(() => expect(status()).toBe('ended 2/3: one two'))
})

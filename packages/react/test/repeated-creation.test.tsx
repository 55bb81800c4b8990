import {
  createStateSchema,
  createStreamDB,
  useLiveQuery,
  useLiveSuspenseQuery,
  useStreamDB,
  useStreamStatus,
} from '../src/index.ts'
import { cleanup, render, screen, waitFor } from '@testing-library/react'
import { StrictMode, Suspense, useEffect } from 'react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { rereads } from '@streamdb/testkit'
import { createWatchedRoom, message } from '@streamdb/testkit/rooms'
import type { RoomDB, WatchedRoom } from '@streamdb/testkit/rooms'

let warnings: string[] = []
let renders = 0

beforeEach(() => {
  warnings = []
  renders = 0
  vi.spyOn(console, 'warn').mockImplementation((...parts: unknown[]) => {
    // TanStack measures itself in development, and this machine may be busy.
    if (String(parts[0]).includes('[StreamDB]')) warnings.push(parts.join(' '))
  })
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

const hello = () => createWatchedRoom(message('m1', 'u1', 'hello'))

function texts(): (string | null)[] {
  return screen.queryAllByRole('listitem').map((item) => item.textContent)
}

/** Renders a page until something was found to be repeated, and for a while after that. */
async function show(page: ReactElement): Promise<void> {
  render(page)
  // Not inside of `act`, which puts off what React renders by itself.
  await waitFor(() => expect(warnings).not.toEqual([]), { timeout: 5_000 })
  await new Promise((resolve) => setTimeout(resolve, 600))
}

/** Creates a database of a room, which is closed after the test. */
function create(room: WatchedRoom): RoomDB {
  const db = createStreamDB(room.options)
  onTestFinished(() => db.close())
  return db
}

function createSchema() {
  return createStateSchema({
    messages: {
      schema: z.object({ id: z.string(), userId: z.string(), text: z.string() }),
      type: 'message',
      primaryKey: 'id',
    },
  })
}

function Lines({
  data,
}: {
  readonly data: readonly { readonly id: string; readonly text: string }[]
}): ReactElement {
  return (
    <ul>
      {data.map(({ id, text }) => (
        <li key={id}>{text}</li>
      ))}
    </ul>
  )
}

interface PageProps {
  readonly room: WatchedRoom
}

function CreatesDatabase({ room }: PageProps): ReactElement {
  renders++
  const db = create(room)
  const { data } = useLiveQuery({ query: (q) => q.from({ message: db.collections.messages }) })
  return <Lines data={data} />
}

function CreatesAndPreloads({ room }: PageProps): ReactElement {
  renders++
  const db = create(room)
  const status = useStreamStatus(db)
  useEffect(() => void db.preload(), [db])
  const { data } = useLiveQuery({ query: (q) => q.from({ message: db.collections.messages }) })
  return (
    <section aria-label={status.name}>
      <Lines data={data} />
    </section>
  )
}

function SuspendsOnCreated({ room }: PageProps): ReactElement {
  renders++
  const db = create(room)
  const { data } = useLiveSuspenseQuery({ query: (q) => q.from({ message: db.collections.messages }) })
  return <Lines data={data} />
}

function CreatesSchema({ room }: PageProps): ReactElement {
  renders++
  const db = useStreamDB({
    ...room.options,
    state: createSchema(),
    onConflict: undefined,
    actions: undefined,
  })
  const { data } = useLiveQuery({ query: (q) => q.from({ message: db.collections.messages }) })
  return <Lines data={data} />
}

function SuspendsOnSchema({ room }: PageProps): ReactElement {
  renders++
  const db = useStreamDB({
    ...room.options,
    state: createSchema(),
    onConflict: undefined,
    actions: undefined,
  })
  const { data } = useLiveSuspenseQuery({ query: (q) => q.from({ message: db.collections.messages }) })
  return <Lines data={data} />
}

const inStrictMode = [
  ['', (page: ReactElement) => page],
  [' in StrictMode', (page: ReactElement) => <StrictMode>{page}</StrictMode>],
] as const

describe.each(inStrictMode)('[F-real-27] what a component makes anew in every render%s', (_, wrap) => {
  test.each([
    ['a database', CreatesDatabase],
    ['a database that it suspends on', SuspendsOnCreated],
    ['a database that it preloads and whose status it shows', CreatesAndPreloads],
  ])('%s: a warning by the third names the hook, and requests are few', async (__, Page) => {
    const room = await hello()
    await show(
      wrap(
        <Suspense>
          <Page room={room} />
        </Suspense>,
      ),
    )
    expect(warnings).toEqual([expect.stringMatching(/createStreamDB was called 3 times.*useStreamDB/)])
    expect(renders).toBeLessThan(20)
    expect(room.reads.length).toBeLessThan(12 + 6 * (await rereads()))
  })

  test.each([
    ['a definition', CreatesSchema],
    ['a definition whose database it suspends on', SuspendsOnSchema],
  ])('%s: a warning says where it belongs, requests are few, and the rows are shown', async (__, Page) => {
    const room = await hello()
    await show(
      wrap(
        <Suspense>
          <Page room={room} />
        </Suspense>,
      ),
    )
    expect(warnings).toEqual([expect.stringMatching(/createStateSchema.*outside of the component/)])
    expect(texts()).toEqual(['hello'])
    expect(renders).toBeLessThan(20)
    expect(room.reads.length).toBeLessThan(12 + 6 * (await rereads()))
  })
})

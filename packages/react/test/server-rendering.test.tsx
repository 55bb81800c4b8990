import {
  createStreamDB,
  dehydrate,
  eq,
  StreamDBProvider,
  useConnectionLost,
  useLiveQuery,
  useLiveSuspenseQuery,
  usePendingWrites,
  useStreamDB,
  useStreamStatus,
} from '../src/index.ts'
import type { DehydratedStream } from '../src/index.ts'
import { act, cleanup, render, waitFor } from '@testing-library/react'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { StrictMode, Suspense } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { renderToPipeableStream } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { rereads } from '@streamdb/testkit'
import { createWatchedRoom, message, user } from '@streamdb/testkit/rooms'
import type { RoomDB, WatchedRoom } from '@streamdb/testkit/rooms'

let complaints: unknown[] = []

beforeEach(() => {
  complaints = []
  vi.spyOn(console, 'error').mockImplementation((...parts: unknown[]) => {
    // Of a test that is a server and a browser in one.
    if (!String(parts[0]).includes('Detected multiple renderers')) complaints.push(parts)
  })
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

/** What a server hands to its page. */
async function load(room: WatchedRoom): Promise<DehydratedStream> {
  const db = createStreamDB({ ...room.options, live: false })
  await db.preload()
  const stream = dehydrate(db)
  db.close()
  // As it goes over the wire.
  return JSON.parse(JSON.stringify(stream)) as DehydratedStream
}

/** Renders as a server does: where there is no window. */
async function renderOnServer(page: ReactNode): Promise<string> {
  vi.stubGlobal('window', undefined)
  try {
    const sink = new PassThrough()
    const html = text(sink)
    const { pipe } = renderToPipeableStream(page, {
      onAllReady: () => pipe(sink),
      onError: (error) => void complaints.push(error),
    })
    return await html
  } finally {
    vi.unstubAllGlobals()
  }
}

/** Hydrates a server's page as a browser does; what React has to repair is a complaint. */
async function hydrate(html: string, page: ReactNode): Promise<HTMLElement> {
  const container = document.createElement('div')
  container.innerHTML = html
  document.body.append(container)
  await act(async () => {
    render(<StrictMode>{page}</StrictMode>, {
      container,
      hydrate: true,
      onRecoverableError: (error) => void complaints.push(error),
    })
  })
  return container
}

function linesOf(html: string | HTMLElement): (string | null)[] {
  const container = typeof html === 'string' ? new DOMParser().parseFromString(html, 'text/html') : html
  return Array.from(container.querySelectorAll('li'), (item) => item.textContent)
}

interface PageProps {
  readonly room: WatchedRoom
  readonly stream: DehydratedStream | undefined
}

/** A page that opens its own database. */
function Page({ room, stream }: PageProps): ReactElement {
  const db = useStreamDB({ ...room.options, hydrate: stream })
  return (
    <StreamDBProvider db={db}>
      <Bar />
      <Messages />
      <Joined />
      <Suspense fallback={<p>loading</p>}>
        <Suspended />
      </Suspense>
    </StreamDBProvider>
  )
}

function Bar(): ReactElement {
  return (
    <p role="status">
      {useStreamStatus().name} {usePendingWrites().length} {String(useConnectionLost())}
    </p>
  )
}

function Messages(): ReactElement {
  const { messages } = useStreamDB<RoomDB>().collections
  const { data, isReady } = useLiveQuery({
    query: (q) => q.from({ message: messages }).orderBy(({ message: m }) => m.id),
  })
  return (
    <ul>
      {isReady || <p>not ready</p>}
      {data.map(({ id, text: said }) => (
        <li key={id}>{said}</li>
      ))}
    </ul>
  )
}

function Joined(): ReactElement {
  const { messages, users } = useStreamDB<RoomDB>().collections
  const { data } = useLiveQuery({
    query: (q) =>
      q
        .from({ message: messages })
        .innerJoin({ user: users }, ({ message: m, user: u }) => eq(m.userId, u.id))
        .select(({ message: m, user: u }) => ({ id: m.id, line: m.text, name: u.name })),
  })
  return (
    <ul>
      {data.map(({ id, line, name }) => (
        <li key={id}>{`${name}: ${line}`}</li>
      ))}
    </ul>
  )
}

function Suspended(): ReactElement {
  const { users } = useStreamDB<RoomDB>().collections
  const { data } = useLiveSuspenseQuery({ query: (q) => q.from({ user: users }) })
  return (
    <ul>
      {data.map(({ id, name }) => (
        <li key={id}>{name}</li>
      ))}
    </ul>
  )
}

const rows = ['hello', 'Ada: hello', 'Ada']

describe('on the server', () => {
  test('rows that were loaded are in the page, joins and suspended queries too, and nothing is requested', async () => {
    const room = await createWatchedRoom(user('u1', 'Ada'), message('m1', 'u1', 'hello'))
    const stream = await load(room)
    const before = room.reads.length
    const html = await renderOnServer(<Page room={room} stream={stream} />)
    expect(linesOf(html)).toEqual(rows)
    expect(room.reads).toHaveLength(before)
    expect(html).toContain('idle')
    expect(complaints).toEqual([])
  })

  test('a database that was preloaded serves as well, by the provider', async () => {
    const room = await createWatchedRoom(user('u1', 'Ada'), message('m1', 'u1', 'hello'))
    const db = createStreamDB({ ...room.options, live: false })
    await db.preload()
    const html = await renderOnServer(
      <StreamDBProvider db={db}>
        <Bar />
        <Messages />
      </StreamDBProvider>,
    )
    expect(linesOf(html)).toEqual(['hello'])
    expect(html).toContain('idle')
    db.close()
  })

  test('without rows the page is the one that a browser shows while it loads, and nothing is requested', async () => {
    const room = await createWatchedRoom(user('u1', 'Ada'))
    function Plain({ stream }: { readonly stream?: DehydratedStream }): ReactElement {
      const db = useStreamDB({ ...room.options, hydrate: stream })
      const { data, isLoading } = useLiveQuery({ query: (q) => q.from({ user: db.collections.users }) })
      return <p>{isLoading ? 'loading' : data.map(({ name }) => name)}</p>
    }
    const html = await renderOnServer(<Plain />)
    expect(html).toContain('loading')
    expect(room.reads).toEqual([])
    const container = await hydrate(html, <Plain />)
    await waitFor(() => expect(container.textContent).toBe('Ada'))
    expect(complaints).toEqual([])
  })
})

describe('in the browser', () => {
  test('the page is hydrated as it is, goes live, and requests only what came since', async () => {
    const room = await createWatchedRoom(user('u1', 'Ada'), message('m1', 'u1', 'hello'))
    const stream = await load(room)
    const html = await renderOnServer(<Page room={room} stream={stream} />)
    await room.append(message('m2', 'u1', 'since then'))
    const before = room.reads.length
    const container = await hydrate(html, <Page room={room} stream={stream} />)
    await waitFor(() =>
      expect(linesOf(container)).toEqual(['hello', 'since then', 'Ada: hello', 'Ada: since then', 'Ada']),
    )
    await room.append(message('m3', 'u1', 'live'))
    await waitFor(() => expect(linesOf(container)).toContain('Ada: live'))
    expect(container.textContent).toContain('live 0 false')
    const sent = room.reads.slice(before)
    const again = Array<null>(await rereads()).fill(null)
    expect(sent.map(({ live }) => live)).toEqual([null, ...again, 'sse'])
    expect(sent[0]?.offset).toBe(stream.offset)
    expect(complaints).toEqual([])
  })

  test('the first render has all rows, before any effect ran', async () => {
    const room = await createWatchedRoom(user('u1', 'Ada'), message('m1', 'u1', 'hello'))
    const stream = await load(room)
    room.cut(true)
    const html = await renderOnServer(<Page room={room} stream={stream} />)
    const container = await hydrate(html, <Page room={room} stream={stream} />)
    expect(linesOf(container)).toEqual(rows)
    expect(complaints).toEqual([])
  })
})

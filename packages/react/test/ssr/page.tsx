import {
  createStateSchema,
  eq,
  StreamDBProvider,
  useLiveQuery,
  useLiveSuspenseQuery,
  useStreamDB,
  useStreamStatus,
} from '../../src/index.ts'
import type { CreateStreamDBOptions, DehydratedStream, StreamDB } from '../../src/index.ts'
import { Suspense } from 'react'
import type { ReactElement } from 'react'
import { z } from 'zod'

/** A room whose rows are more than their JSON: `sentAt` is a Date. */
export const state = createStateSchema({
  users: { schema: z.object({ id: z.string(), name: z.string() }), type: 'user', primaryKey: 'id' },
  messages: {
    schema: z.object({ id: z.string(), userId: z.string(), text: z.string(), sentAt: z.coerce.date() }),
    type: 'message',
    primaryKey: 'id',
  },
})

/** What a server hands to its page. */
export interface PageProps {
  readonly url: string
  readonly stream: DehydratedStream | undefined
}

export function optionsOf(url: string): CreateStreamDBOptions<typeof state> {
  return { streamOptions: { url, warnOnHttp: false }, state }
}

/** The same page on the server and in the browser. */
export function Page({ url, stream }: PageProps): ReactElement {
  const db = useStreamDB({ ...optionsOf(url), hydrate: stream })
  return (
    <StreamDBProvider db={db}>
      <Status />
      {/* Enough of them that hydrating them takes longer than a read. */}
      {Array.from({ length: 40 }, (_, n) => (
        <Suspense key={n}>
          <Slow />
        </Suspense>
      ))}
      <Suspense fallback={<p>loading</p>}>
        <Users />
      </Suspense>
      <Messages />
    </StreamDBProvider>
  )
}

function Status(): ReactElement {
  return <p role="status">{useStreamStatus().name}</p>
}

function Slow(): ReactElement {
  takeTime()
  return <hr />
}

function takeTime(): void {
  const until = performance.now() + 4
  while (performance.now() < until) continue
}

function Users(): ReactElement {
  const { users } = useStreamDB<StreamDB<typeof state>>().collections
  const { data } = useLiveSuspenseQuery({
    query: (q) => q.from({ user: users }).orderBy(({ user }) => user.name),
  })
  return <p id="users">{data.map(({ name }) => name).join(', ')}</p>
}

function Messages(): ReactElement {
  const { messages, users } = useStreamDB<StreamDB<typeof state>>().collections
  const { data } = useLiveQuery({
    query: (q) =>
      q
        .from({ message: messages })
        .join({ user: users }, ({ message: m, user: u }) => eq(m.userId, u.id))
        .select(({ message: m, user: u }) => ({ id: m.id, text: m.text, sentAt: m.sentAt, author: u?.name }))
        .orderBy(({ message: m }) => m.id),
  })
  return (
    <ul>
      {data.map(({ id, text, sentAt, author }) => (
        <li key={id}>{`${sentAt.toISOString().slice(0, 10)} ${author}: ${text}`}</li>
      ))}
    </ul>
  )
}

import { createStreamDB } from '@streamdb/db'
import type { ActionDefinitions, CreateStreamDBOptions, StateDefinition, StreamDB } from '@streamdb/db'
import { onTestFinished } from 'vitest'
import { startFaultProxy } from '@streamdb/testing'
import type { FaultProxy } from '@streamdb/testing'
import { quick, roomServer } from './open-room.ts'
import { room } from './room-state.ts'
import type { Room } from './room-state.ts'

/** A database on the real server, and the proxy that it goes through. */
export interface Proxied<Definitions extends StateDefinition, Actions extends ActionDefinitions> {
  readonly db: StreamDB<Definitions, Actions>
  /** The stream's own URL. */
  readonly url: string
  readonly proxy: FaultProxy
  /** How many appends came to the proxy. */
  posts(): number
}

/** Opens a database through a proxy of its own, on a new stream or on `url`, and loads it; closed with the test. */
export async function openProxied<
  Definitions extends StateDefinition = Room,
  Actions extends ActionDefinitions = Record<never, never>,
>(
  options: Partial<CreateStreamDBOptions<Definitions, Actions>> & {
    readonly url?: string
    readonly items?: readonly unknown[]
  } = {},
): Promise<Proxied<Definitions, Actions>> {
  const kit = await roomServer()
  const { items = [], url = await kit.createStream(undefined, { items }), ...rest } = options
  const proxy = await startFaultProxy(kit.url)
  onTestFinished(() => proxy.close())
  // Without a state of its own it is a room; the type's default says the same.
  const state = options.state ?? (room as unknown as Definitions)
  const streamOptions = { url: proxy.through(url) }
  const db = createStreamDB<Definitions, Actions>({ streamOptions, retry: quick, ...rest, state })
  onTestFinished(() => db.close())
  await db.preload()
  return { db, url, proxy, posts: () => proxy.requests.filter(({ method }) => method === 'POST').length }
}

import { startFaultProxy } from '@streamdb/testkit'
import type { FaultProxy } from '@streamdb/testkit'
import { onTestFinished } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type {
  ActionDefinitions,
  ChangeEvent,
  CreateStreamDBOptions,
  StateDefinition,
  StreamDB,
} from '../src/index.ts'
import { quick, roomServer, room } from './rooms.ts'
import type { Room } from './rooms.ts'

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

/** Reads everything that a stream holds. */
export async function logOf(url: string): Promise<readonly ChangeEvent[]> {
  const items: ChangeEvent[] = []
  for (let offset = '-1'; ;) {
    const response = await fetch(`${url}?offset=${offset}`, { headers: { connection: 'close' } })
    // Tests write nothing but changes.
    items.push(...((await response.json()) as ChangeEvent[]))
    offset = response.headers.get('stream-next-offset') ?? ''
    if (response.headers.has('stream-up-to-date')) return items
  }
}

/** The rejections that nobody handled, of the whole test file. */
export function unhandledRejections(): unknown[] {
  const unhandled: unknown[] = []
  process.on('unhandledRejection', (reason) => void unhandled.push(reason))
  return unhandled
}

/** A fetch that holds every append back until it is told to let them go. */
export function heldPosts(): {
  readonly fetch: typeof fetch
  readonly release: () => void
  readonly held: () => number
} {
  let release = (): void => undefined
  let held = 0
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    async fetch(input, init) {
      if (init?.method === 'POST') {
        held++
        await released
      }
      return fetch(input, init)
    },
    release,
    held: () => held,
  }
}

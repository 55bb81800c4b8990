import { createStreamDB } from '@streamdb/db'
import type { CreateStreamDBOptions, StreamDB } from '@streamdb/db'
import type { TabsStatus } from '@streamdb/log'
import type { Block, BlockStore, TabBrowser } from '@streamdb/persist'
import { createMemoryBlocks, createStorage, createStreamStore } from '@streamdb/persist'
import { room } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { TabWorld } from '@streamdb/testkit/tabs'
import type { WorldTab } from '@streamdb/testkit/tabs'
import { onTestFinished } from 'vitest'

/** A database in a tab. */
export interface TabDB {
  readonly tab: WorldTab
  readonly db: StreamDB<Room>
  readonly role: TabsStatus['role'] | undefined
  /** The texts of all messages, sorted. */
  readonly texts: readonly string[]
}

/** Tabs of one origin that show one stream. */
export interface TabsUnderTest {
  readonly world: TabWorld
  readonly blocks: BlockStore
  /** GET requests that are open now, by tab, with their `live` parameter. */
  readonly open: ReadonlyMap<{ readonly tab: WorldTab }, string | null>
  /** How many reads were sent. */
  readonly reads: () => number
  /** The tabs that appended, in order. */
  readonly posts: () => readonly string[]
  openTab(options?: Partial<CreateStreamDBOptions<Room>> & { hasLocks?: boolean; tabs?: boolean }): TabDB
}

/** Prepares tabs that show the stream at `url`. */
export function prepareTabs(
  url: string,
  {
    fetchFor = () => globalThis.fetch,
    random,
    wrapBlocks = (blocks) => blocks,
  }: {
    fetchFor?: (tab: WorldTab) => typeof globalThis.fetch
    random?: () => number
    wrapBlocks?: (blocks: BlockStore, tab: WorldTab) => BlockStore
  } = {},
): TabsUnderTest {
  const world = new TabWorld(random)
  const blocks = createMemoryBlocks()
  const open = new Map<{ readonly tab: WorldTab }, string | null>()
  let reads = 0
  const posts: string[] = []

  function fetchOf(tab: WorldTab): typeof globalThis.fetch {
    const own = tab.fetch(fetchFor(tab))
    return async (input, init) => {
      if (init?.method === 'POST') posts.push(tab.name)
      if ((init?.method ?? 'GET') !== 'GET' || tab.state === 'dead') return own(input, init)
      reads++
      const request = { tab }
      open.set(request, new URL(input instanceof Request ? input.url : input).searchParams.get('live'))
      const end = (): void => void open.delete(request)
      init?.signal?.addEventListener('abort', end)
      tab.onDeath(end)
      try {
        const response = await own(input, init)
        if (response.body === null || !response.headers.get('content-type')?.includes('event-stream')) end()
        return response
      } catch (error) {
        end()
        throw error
      }
    }
  }

  return {
    world,
    blocks,
    open,
    reads: () => reads,
    posts: () => posts,
    openTab({ hasLocks = true, tabs = true, ...options } = {}) {
      const tab = world.openTab({ hasLocks })
      const browser: TabBrowser = tab.browser
      const store = createStreamStore(wrapBlocks(blocksOf(tab, blocks), tab))
      const db = createStreamDB<Room>({
        streamOptions: { url, warnOnHttp: false, fetch: fetchOf(tab) },
        state: room,
        storage: createStorage(store, { tabs: tabs ? { browser } : false }),
        retry: { initialDelay: 5, maxDelay: 50 },
        ...options,
      })
      onTestFinished(() => db.close())
      return {
        tab,
        db,
        get role() {
          return db.storage?.tabs.get().role
        },
        get texts() {
          return [...db.collections.messages.values()].map(({ text }) => text).sort()
        },
      }
    },
  }
}

/** A store as a tab sees it: nothing happens there while the tab is frozen, and nothing any more when it is dead. */
function blocksOf(tab: WorldTab, store: BlockStore): BlockStore {
  return {
    async open(id) {
      const blocks = await tab.when(() => store.open(id))
      return {
        async *read(keys) {
          const found = await tab.when(async () => {
            const all: (Block | undefined)[] = []
            for await (const block of blocks.read(keys)) all.push(block)
            return all
          })
          yield* found
        },
        list: (prefix) => tab.when(() => blocks.list(prefix)),
        write: (change) => tab.when(() => blocks.write(change)),
        close: () => undefined,
      }
    },
  }
}

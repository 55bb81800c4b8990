import { createStreamDB } from '@streamdb/db'
import type { ActionDefinitions, CreateStreamDBOptions, StreamDB } from '@streamdb/db'
import { quick, room, roomServer } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { logOf } from '@streamdb/testkit'
import { onTestFinished } from 'vitest'
import { createMemoryBlocks, createStorage, createStreamStore } from '../../src/index.ts'
import type { Blocks, BlockStore } from '../../src/index.ts'

/** What becomes of a request. */
export type Fate = 'pass' | 'fail' | 'lose-answer' | Response

/** A browser's profile: a store that outlives its pages, and the network between it and the real server. */
export interface Device {
  readonly url: string
  /** Decides what becomes of each request; passes it at first. */
  network: (method: string, body: string, headers?: Headers) => Fate
  /** Bodies of the appends that reached the server. */
  readonly posts: string[]
  /** Opens a page; closed with the test. */
  open<Actions extends ActionDefinitions = Record<never, never>>(
    options?: Partial<CreateStreamDBOptions<Room, Actions>>,
  ): Page<Actions>
  /** What is stored, block by block. */
  readonly stored: Promise<Blocks>
  /** Makes the store fail from now on. */
  breakStore(): void
  /** The txids of the log, in its order, each once per run of its events. */
  log(): Promise<string[]>
  /** The keys of the log's events, in its order. */
  keys(): Promise<unknown[]>
}

export interface Page<Actions extends ActionDefinitions> {
  readonly db: StreamDB<Room, Actions>
  /** Closes the page; resolves when all that it had is stored. */
  close(): Promise<void>
  /** The page dies where it is: nothing that it does reaches the store or the network any more. */
  crash(): void
}

export const offline = (): Fate => 'fail'

/** Creates a device with an empty store, and a stream that holds `items`. */
export async function createDevice(items: readonly unknown[] = []): Promise<Device> {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items })
  const blocks = createMemoryBlocks()
  const posts: string[] = []
  let isBroken = false
  const device: Device = {
    url,
    posts,
    stored: blocks.open(` ${url}`),
    network: () => 'pass',
    open<Actions extends ActionDefinitions = Record<never, never>>(
      options: Partial<CreateStreamDBOptions<Room, Actions>> = {},
    ): Page<Actions> {
      let isAlive = true
      const fetch: typeof globalThis.fetch = async (input, init) => {
        const method = init?.method ?? 'GET'
        const body = typeof init?.body === 'string' ? init.body : ''
        if (!isAlive) return never()
        const fate = device.network(method, body, new Headers(init?.headers))
        if (fate === 'fail') throw new TypeError('fetch failed')
        if (typeof fate === 'object') return fate.clone()
        const response = await globalThis.fetch(input, init)
        if (method === 'POST') posts.push(body)
        if (!isAlive) return never()
        if (fate === 'lose-answer') throw new TypeError('fetch failed')
        return response
      }
      const store = createStreamStore(
        mortal(
          blocks,
          () => isAlive,
          () => isBroken,
        ),
      )
      const db = createStreamDB<Room, Actions>({
        ...{ streamOptions: { url, fetch }, state: room, storage: createStorage(store) },
        ...{ offline: true, retry: quick, ...options },
      })
      onTestFinished(() => db.close())
      const crash = (): void => {
        isAlive = false
      }
      const close = async (): Promise<void> => {
        db.close()
        await db.storage?.flush()
      }
      return { db, close, crash }
    },
    breakStore: () => void (isBroken = true),
    async log() {
      const txids: string[] = []
      for (const { headers } of await logOf(url)) {
        const { txid } = headers
        if (typeof txid === 'string' && txids.at(-1) !== txid) txids.push(txid)
      }
      return txids
    },
    keys: async () => (await logOf(url)).map(({ key }) => key),
  }
  return device
}

/** A store whose operations never end once the page is dead. */
function mortal(store: BlockStore, isAlive: () => boolean, isBroken: () => boolean): BlockStore {
  return {
    async open(id) {
      const blocks = await store.open(id)
      const guard =
        <Args extends unknown[], Value>(run: (...args: Args) => Promise<Value>) =>
        async (...args: Args): Promise<Value> => {
          if (isBroken()) throw new Error('the disk is broken')
          // What is begun in time is done, as a transaction of IndexedDB is; nobody hears of it.
          const value = isAlive() ? await run(...args) : await never<Value>()
          return isAlive() ? value : never<Value>()
        }
      const mortalBlocks: Blocks = {
        list: guard((prefix) => blocks.list(prefix)),
        async *read(keys) {
          if (!isAlive()) await never()
          yield* blocks.read(keys)
        },
        write: guard((change) => blocks.write(change)),
        close: () => undefined,
      }
      return mortalBlocks
    },
  }
}

function never<Value>(): Promise<Value> {
  return new Promise<Value>(() => undefined)
}

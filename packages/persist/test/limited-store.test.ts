import type { OpenStore, OutboxChange, StoredWrite } from '@streamdb/log'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limitStore } from '../src/limited-store.ts'
import { createMemoryBlocks, createStreamStore } from '../src/index.ts'
import type { Blocks, BlockStore } from '../src/index.ts'
import { realClock } from '../src/tabs/real-browser.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterEach(() => void vi.useRealTimers())

const never = (): Promise<never> => new Promise<never>(() => undefined)

async function openStore(store: BlockStore = createMemoryBlocks()): Promise<OpenStore> {
  return createStreamStore(store).open('a stream')
}

/** Returns a store whose `name` never answers. */
async function storeWithout(name: string): Promise<OpenStore> {
  const opened = await openStore()
  const outbox = Object.assign({ ...opened.outbox }, { [name]: never })
  const rows = {
    async *[Symbol.asyncIterator]() {
      yield []
      await never()
    },
  }
  const content = {
    head: { checkpoint: { offset: '1' }, identity: {}, savedAt: 0, version: 1, types: [] },
    rows,
  }
  return {
    load: name === 'load' ? never : () => Promise.resolve(content),
    readHead: name === 'readHead' ? never : () => opened.readHead(),
    claim: name === 'claim' ? never : () => opened.claim(),
    currentEpoch: name === 'currentEpoch' ? never : () => opened.currentEpoch(),
    save: (commit, epoch) => opened.save(commit, epoch),
    clear: () => opened.clear(),
    size: () => opened.size(),
    onLost: (listener) => opened.onLost(listener),
    close: () => opened.close(),
    outbox,
  }
}

/** Returns the code that a promise rejects with after so many seconds, and not before. */
async function codeAfter(seconds: number, promise: Promise<unknown>): Promise<unknown> {
  let code: unknown = 'nothing yet'
  promise.then(
    () => (code = 'an answer'),
    (error: unknown) => (code = Object(error) as { code?: unknown }),
  )
  await vi.advanceTimersByTimeAsync(seconds * 1000 - 10)
  if (code !== 'nothing yet') return `${String(code)}, too early`
  await vi.advanceTimersByTimeAsync(20)
  return (Object(code) as { code?: unknown }).code ?? code
}

const write: StoredWrite = {
  ...{ txid: 't1', order: 1, events: [], createdAt: 0, attempts: 0 },
  state: { name: 'queued' },
}

test.each<[string, (store: OpenStore) => Promise<unknown>]>([
  ['load', (store) => store.load()],
  ['readHead', (store) => store.readHead()],
  ['claim', (store) => store.claim()],
  ['currentEpoch', (store) => store.currentEpoch()],
  ['list', (store) => store.outbox.list()],
  ['change', (store) => store.outbox.change({ put: [write] })],
  ['note', (store) => store.outbox.note('producer')],
  [
    'a part of the rows',
    async (store) => {
      for await (const _ of (await store.load())?.rows ?? []) continue
    },
  ],
])('[S6] a store that does not answer is waited for five seconds: %s', async (name, ask) => {
  const limited = limitStore(await storeWithout(name), realClock)
  expect(await codeAfter(5, ask(limited))).toBe('storage-failed')
})

test('[S6] [O2] a write that is stored after all that time is taken out again: it is sent from memory', async () => {
  const opened = await openStore()
  let store = (): void => undefined
  const gate = new Promise<void>((resolve) => (store = resolve))
  const made: OutboxChange[] = []
  const slow = async (change: OutboxChange, epoch?: number): Promise<readonly string[]> => {
    if (change.put !== undefined) await gate
    const missing = await opened.outbox.change(change, epoch)
    made.push(change)
    return missing
  }
  const before = await storeWithout('nothing')
  const limited = limitStore({ ...before, outbox: { ...opened.outbox, change: slow } }, realClock)
  expect(await codeAfter(5, limited.outbox.change({ put: [write] }))).toBe('storage-failed')
  store()
  await vi.waitFor(() => expect(made).toEqual([{ put: [write] }, { remove: ['t1'] }]))
  expect(await opened.outbox.list()).toEqual([])
})

test.each<[string, (store: OpenStore) => Promise<unknown>]>([
  ['write', (store) => store.claim()],
  ['write', (store) => store.clear()],
  ['list', (store) => store.size()],
  ['read', (store) => store.readHead()],
])('[S6] a transaction of a store of blocks may take a minute: %s', async (name, ask) => {
  const memory = createMemoryBlocks()
  let isStuck = false
  const store: BlockStore = {
    async open(id) {
      const blocks = await memory.open(id)
      const stuck: Blocks = {
        async *read(keys) {
          if (isStuck && name === 'read') await never()
          yield* blocks.read(keys)
        },
        list: (prefix) => (isStuck && name === 'list' ? never() : blocks.list(prefix)),
        write: (change) => (isStuck && name === 'write' ? never() : blocks.write(change)),
        close: () => blocks.close(),
      }
      return stuck
    },
  }
  const opened = await openStore(store)
  isStuck = true
  expect(await codeAfter(60, ask(opened))).toBe('storage-failed')
})

test('[S6] [S7] a codec that never ends is an error after a minute, of the save as of the reading', async () => {
  const blocks = createMemoryBlocks()
  let isStuck = false
  const pass = (block: unknown): string | Promise<string> => (isStuck ? never() : String(block))
  const opened = await createStreamStore(blocks, { codec: { encode: pass, decode: pass } }).open('a stream')
  await opened.outbox.change({ notes: { a: 1 } })
  isStuck = true
  expect(await codeAfter(60, opened.outbox.change({ notes: { a: 2 } }))).toBe('storage-failed')
  expect(await codeAfter(60, opened.outbox.note('a'))).toBe('storage-failed')
})

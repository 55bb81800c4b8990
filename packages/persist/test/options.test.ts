import { createStreamDB } from '@streamdb/db'
import { room } from '@streamdb/testkit/rooms'
import { expect, onTestFinished, test } from 'vitest'
import { fileStorage } from '../src/node/index.ts'
import {
  createMemoryBlocks,
  createStorage,
  createStreamStore,
  indexedDBStorage,
  memoryStorage,
} from '../src/index.ts'

// As callers without types give them.
const unchecked = (value: unknown): never => value as never
const encode = (text: unknown): string => String(text)

test.each<[string, () => unknown, string]>([
  [
    'a user that is a number',
    () => memoryStorage({ user: unchecked(7) }),
    'user to be a string but received number',
  ],
  ['a user that is an object', () => indexedDBStorage({ user: unchecked({ id: 7 }) }), 'but received object'],
  ['no user, as null', () => memoryStorage({ user: unchecked(null) }), 'but received null'],
  [
    'no directory',
    () => fileStorage(unchecked({})),
    'directory to be a path that is not empty but received undefined',
  ],
  ['an empty directory', () => fileStorage({ directory: '' }), 'but received ""'],
  [
    'a codec that does not decode',
    () => memoryStorage({ codec: unchecked({ encode }) }),
    'the functions encode and decode',
  ],
  [
    'a codec of another kind',
    () => fileStorage({ directory: 'x', codec: unchecked(encode) }),
    'but received function',
  ],
])('[S6] [S7] %s is refused where the storage is made', (_name, make, message) => {
  expect(make).toThrow(expect.objectContaining({ code: 'invalid-options' }))
  expect(make).toThrow(message)
})

test('[S6] a store in place of a storage, and a store of blocks in place of one of streams, are refused by their names', async () => {
  const streamOptions = { url: 'http://127.0.0.1:9/room' }
  const open = (storage: unknown) =>
    createStreamDB({
      streamOptions,
      state: room,
      live: false,
      storage: unchecked(storage),
      onError: () => undefined,
    })
  expect(() => open(createMemoryBlocks())).toThrow('expected options.storage.connect to be function')
  expect(() => open(createStreamStore(createMemoryBlocks()))).toThrow('options.storage.connect')
  const db = open(createStorage(unchecked(createMemoryBlocks())))
  onTestFinished(() => db.close())
  await expect(db.storage?.size()).rejects.toThrow('of a store of blocks createStreamStore makes one')
})

test('[S7] what a codec makes that is neither text nor bytes is not stored', async () => {
  const wrong = { encode: () => unchecked(undefined), decode: encode }
  const late = { encode: () => Promise.resolve(unchecked(new ArrayBuffer(1))), decode: encode }
  for (const [codec, kind] of [
    [wrong, 'Undefined'],
    [late, 'ArrayBuffer'],
  ] as const) {
    const opened = await createStreamStore(createMemoryBlocks(), { codec }).open('a stream')
    const note = opened.outbox.change({ notes: { a: 1 } })
    await expect(note).rejects.toThrow(`expected a string or a Uint8Array but received ${kind}`)
  }
})

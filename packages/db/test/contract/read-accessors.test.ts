import { createCollection } from '@tanstack/db'
import { expect, test } from 'vitest'
import { createStreamDB } from '../../src/index.ts'
import { room } from '@streamdb/testkit/rooms'

/** Members of a collection that tell nothing of its rows, or wait until they are there. */
const others = [
  'cleanup',
  'compareOptions',
  'constructor',
  'delete',
  'getIndexMetadata',
  'getKeyFromItem',
  'insert',
  'isLoadingSubset',
  'isReady',
  'off',
  'onFirstReady',
  'once',
  'preload',
  'removeIndex',
  'startSyncImmediate',
  'stateWhenReady',
  'status',
  'subscriberCount',
  'toArrayWhenReady',
  'update',
  'validateData',
  'waitFor',
]

test('[C1] every accessor that reads a collection is intercepted: TanStack has none that is not listed', () => {
  const db = createStreamDB({ streamOptions: { url: 'http://streamdb.test/room' }, state: room })
  const bare = createCollection<{ id: string }>({ getKey: ({ id }) => id, sync: { sync: () => undefined } })
  // Its internal members begin with `_`, and its private ones are two letters in its build.
  const all = Object.getOwnPropertyNames(Object.getPrototypeOf(bare)).filter((name) => /^[^_]../.test(name))
  const own = [db.collections.users, Object.getPrototypeOf(db.collections.users) as object]
  const reported = all.filter((name) => own.some((each) => Object.hasOwn(each, name)))
  expect(all.filter((name) => !reported.includes(name) && !others.includes(name))).toEqual([])
  expect(reported).toEqual(
    expect.arrayContaining(['base', 'get', 'has', 'size', 'subscribeChanges', 'toArray']),
  )
  // One shape for all collections.
  expect(own[1]).toBe(Object.getPrototypeOf(db.collections.messages))
})

import { createStateSchema, createStreamDB } from '@streamdb/db'
import type { StateDefinition, StreamDB } from '@streamdb/db'
import { describeBatchSource, logs } from '@streamdb/testkit'
import { quick, roomServer } from '@streamdb/testkit/rooms'
import { createRecordedLog } from '@streamdb/log'
import type { StreamStorage } from '@streamdb/log'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createMemoryBlocks, createStorage, createStreamStore, memoryStorage } from '../src/index.ts'

const loose = z.looseObject({ id: z.string() })
const state = createStateSchema({
  users: { schema: loose, type: 'user', primaryKey: 'id' },
  messages: { schema: loose, type: 'message', primaryKey: 'id' },
})
/** Takes only some of the rows. */
const strict = createStateSchema({
  users: { schema: loose.refine(({ id }) => id !== '2'), type: 'user', primaryKey: 'id' },
  messages: { schema: loose, type: 'message', primaryKey: 'id' },
})

async function openDB(
  url: string,
  storage?: StreamStorage,
  definition: StateDefinition = state,
): Promise<StreamDB<StateDefinition>> {
  const db = createStreamDB({ streamOptions: { url }, state: definition, storage, retry: quick, live: false })
  await db.preload()
  return db
}

/** All rows, plain. */
function rowsIn({ collections }: StreamDB<StateDefinition>): unknown {
  return Object.entries(collections).map(([name, collection]) => [
    name,
    // By event key: two keys of rows may spell the same one.
    [...collection.entries()]
      .map(([key, row]) => [
        key,
        JSON.stringify(
          Object.entries(row)
            .filter(([field]) => !field.startsWith('$'))
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
      ])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  ])
}

test('[S4] a log that is read in sessions, each on what the one before has stored, ends at the same rows as the log', async () => {
  const kit = await roomServer()
  await fc.assert(
    fc.asyncProperty(
      logs({ maxPieces: 10 }),
      fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
      async (events, cuts) => {
        const url = await kit.createStream()
        const storage = createStorage(createStreamStore(createMemoryBlocks()))
        let rest: readonly unknown[] = events
        for (const [index, cut] of cuts.entries()) {
          const part = rest.slice(0, cut)
          rest = rest.slice(cut)
          if (part.length > 0) await kit.appendItems(url, part)
          // One of the sessions has another schema.
          const db = await openDB(url, storage, index === 1 ? strict : state)
          await db.storage?.flush()
          db.close()
        }
        if (rest.length > 0) await kit.appendItems(url, rest)
        const [stored, read] = [await openDB(url, storage), await openDB(url)]
        expect(rowsIn(stored)).toEqual(rowsIn(read))
        stored.close()
        read.close()
      },
    ),
    { numRuns: 60 },
  )
})

test('[S4] of two values of a key that one session refuses, another one has the one that it takes', async () => {
  const kit = await roomServer()
  const url = await kit.createStream()
  const storage = createStorage(createStreamStore(createMemoryBlocks()))
  const put = (value: unknown): object => ({
    type: 'user',
    key: '2',
    value,
    headers: { operation: 'upsert' },
  })
  // `strict` takes neither, and `state` the first one alone.
  for (const [events, definition] of [
    [[put({ id: '2' }), put([])], strict],
    [[put({ id: '2', n: 1 }), put('no row')], strict],
    [[], state],
  ] as const) {
    if (events.length > 0) await kit.appendItems(url, events)
    const db = await openDB(url, storage, definition)
    await db.storage?.flush()
    db.close()
  }
  const [stored, read] = [await openDB(url, storage), await openDB(url)]
  expect(rowsIn(stored)).toEqual(rowsIn(read))
  expect(stored.collections['users']?.size).toBe(1)
  stored.close()
  read.close()
})

describeBatchSource('stored rows, and a log behind them', (batches, { live }) => {
  const log = createRecordedLog(batches)
  const connection = memoryStorage().connect({
    url: 'http://host/stream',
    types: [],
    version: 1,
    source: log.createSource({ live }),
    identifier: {
      findId: () => Promise.resolve(undefined),
      anchorOf: () => undefined,
      check: () => Promise.resolve('same'),
    },
    report: () => undefined,
    signal: new AbortController().signal,
  })
  return { source: connection.source, append: log.append, close: log.close }
})

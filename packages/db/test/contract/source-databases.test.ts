import { createLiveQueryCollection, eq, Query } from '@tanstack/db'
import { describe, expect, test } from 'vitest'
import { sourcesOf } from '../../src/index.ts'
import { openRoom } from '@streamdb/testkit/rooms'

const idsOf = (query: unknown): string[] => sourcesOf(query).map(({ collection }) => collection.id)

// Errors of live queries lead to their database by this (src/collections/source-databases.ts).
describe('[F-real-20] the sources of a query', () => {
  test('are the collections of our databases, whichever form the query has', async () => {
    const { db } = await openRoom()
    const { messages, users } = db.collections
    const join = (q: InstanceType<typeof Query>) =>
      q
        .from({ message: messages })
        .innerJoin({ user: users }, ({ message, user }) => eq(message.userId, user.id))
    const both = [messages.id, users.id]
    expect(idsOf(join)).toEqual(both)
    expect(idsOf({ query: join })).toEqual(both)
    expect(idsOf(join(new Query()))).toEqual(both)
    expect(idsOf({ query: join(new Query()) })).toEqual(both)
    expect(idsOf(createLiveQueryCollection({ query: join }))).toEqual(both)
    expect(idsOf(messages)).toEqual([messages.id])
    expect(sourcesOf(join).map((source) => source.db)).toEqual([db, db])
  })

  test('are found through other live queries, once each, and in subqueries', async () => {
    const { db } = await openRoom()
    const { messages } = db.collections
    const inner = createLiveQueryCollection((q) => q.from({ message: messages }))
    expect(idsOf((q: InstanceType<typeof Query>) => q.from({ row: inner }))).toEqual([messages.id])
    const nested = (q: InstanceType<typeof Query>) => q.from({ row: q.from({ message: messages }) })
    expect(idsOf(nested)).toEqual([messages.id])
  })

  test('are absent for values that are not queries or cannot be built', () => {
    const mistake = (): never => {
      throw new Error('a mistake in the query')
    }
    for (const each of [undefined, null, 1, 'text', {}, { query: undefined }, mistake, () => undefined]) {
      expect(sourcesOf(each)).toEqual([])
    }
  })
})

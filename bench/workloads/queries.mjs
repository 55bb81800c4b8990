import { count, createLiveQueryCollection, eq, sum } from '@tanstack/db'

/** The live queries that are measured, by name; each gives a started collection. */
export const queries = {
  filter: ({ items }) =>
    live((query) => query.from({ item: items }).where(({ item }) => eq(item.status, 'open'))),
  join: ({ items, authors }) =>
    live((query) =>
      query
        .from({ item: items })
        .join({ author: authors }, ({ item, author }) => eq(item.owner, author.id), 'inner')
        .select(({ item, author }) => ({ id: item.id, text: item.text, rank: item.rank, name: author.text })),
    ),
  group: ({ items }) =>
    live((query) =>
      query
        .from({ item: items })
        .groupBy(({ item }) => item.owner)
        .select(({ item }) => ({ owner: item.owner, items: count(item.id), rank: sum(item.rank) })),
    ),
  window: ({ items }) =>
    live((query) =>
      query
        .from({ item: items })
        .orderBy(({ item }) => item.rank, 'desc')
        .limit(20),
    ),
  // A thousandth of the rows.
  one: ({ items }) =>
    live((query) => query.from({ item: items }).where(({ item }) => eq(item.owner, 'owner-0007'))),
  another: ({ items }) =>
    live((query) => query.from({ item: items }).where(({ item }) => eq(item.owner, 'owner-0008'))),
  row: ({ items }) =>
    live((query) => query.from({ item: items }).where(({ item }) => eq(item.id, 'item-0000000'))),
}

const live = (query) => createLiveQueryCollection({ query, startSync: true })

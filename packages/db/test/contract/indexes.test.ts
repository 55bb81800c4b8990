import { BasicIndex, BTreeIndex, createLiveQueryCollection, eq } from '@tanstack/db'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSource, put, type SourceOptions } from './source.ts'

let warnings: string[] = []

beforeEach(() => {
  warnings = []
  vi.spyOn(console, 'warn').mockImplementation((message: unknown) => void warnings.push(String(message)))
})
afterEach(() => void vi.restoreAllMocks())

/** Runs a left join, an inner join, a limited order and a filter over two collections of few rows. */
async function query(options: SourceOptions): Promise<string[]> {
  const { collection: messages, commit: commitMessages } = createSource('messages', options)
  const { collection: users, commit: commitUsers } = createSource('users', options)
  commitMessages(
    put('m1', { userId: 'u1', name: 'hi' }),
    put('m2', { userId: 'u2', name: 'ho' }),
    put('m3', { userId: 'u1' }),
  )
  commitUsers(put('u1', { name: 'Ada' }))
  const left = createLiveQueryCollection((q) =>
    q
      .from({ message: messages })
      .leftJoin({ user: users }, ({ message, user }) => eq(message.userId, user.id))
      .select(({ message, user }) => ({ id: message.id, author: user?.name })),
  )
  const inner = createLiveQueryCollection((q) =>
    q
      .from({ user: users })
      .innerJoin({ message: messages }, ({ message, user }) => eq(message.userId, user.id))
      .select(({ message, user }) => ({ id: message.id, author: user.name })),
  )
  const newest = createLiveQueryCollection((q) =>
    q
      .from({ message: messages })
      .orderBy(({ message }) => message.id, 'desc')
      .limit(1),
  )
  const filtered = createLiveQueryCollection((q) =>
    q.from({ message: messages }).where(({ message }) => eq(message.userId, 'u1')),
  )
  for (const live of [left, inner, newest, filtered]) await live.preload()
  return [
    ...left.toArray.map(({ id, author }) => `left ${id} ${author ?? '-'}`),
    ...inner.toArray.map(({ id, author }) => `inner ${id} ${author ?? '-'}`),
    ...newest.toArray.map(({ id }) => `newest ${id}`),
    ...filtered.toArray.map(({ id }) => `filtered ${id}`),
  ].sort()
}

const answer = [
  'filtered m1',
  'filtered m3',
  'inner m1 Ada',
  'inner m3 Ada',
  'left m1 Ada',
  'left m2 -',
  'left m3 Ada',
  'newest m3',
]

test.each([
  ['BasicIndex', BasicIndex],
  ['BTreeIndex', BTreeIndex],
] as const)("[fact 5] with autoIndex 'eager' and %s no query warns", async (_name, defaultIndexType) => {
  expect(await query({ autoIndex: 'eager', defaultIndexType })).toEqual(answer)
  expect(warnings).toEqual([])
})

test('[fact 5] without them joins and limited orders warn, filters do not, and the rows are the same', async () => {
  expect(await query({})).toEqual(answer)
  expect(warnings.map((warning) => warning.replace(/-\d+\]/, ']')).sort()).toEqual([
    expect.stringContaining('[messages] Join requires an index on "userId"'),
    expect.stringContaining('[messages] orderBy with limit requires an index on "id"'),
    expect.stringContaining('[users] Join requires an index on "id"'),
  ])
})

test("[fact 5] autoIndex 'eager' without a defaultIndexType is refused", () => {
  expect(() => createSource('users', { autoIndex: 'eager' })).toThrow(/requires defaultIndexType/)
})

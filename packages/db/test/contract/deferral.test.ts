import { createLiveQueryCollection, eq } from '@tanstack/db'
import { expect, test } from 'vitest'
import { commitBeforePublishing, createPublish } from '../../src/collections/publication.ts'
import type { AnyCollection } from '../../src/collections/types.ts'
import { createSource, put } from './source.ts'
import type { Source } from './source.ts'

/** A source's collection as `publish` takes it: it never looks at rows. */
const collectionOf = ({ collection }: Source): AnyCollection => collection as unknown as AnyCollection

test('[fact 3] `_deferPublication` holds the events of a collection until `publish`; its rows are there before', () => {
  const users = createSource('users')
  const deferral = collectionOf(users)._deferPublication()
  users.commit(put('1', { name: 'Ada' }))
  users.commit(put('2', { name: 'Bob' }))
  expect([users.published, users.collection.size]).toEqual([[], 2])
  deferral.publish()
  expect(users.published).toEqual([['insert 1 Ada', 'insert 2 Bob']])
})

test('[F-real-49] a listener that looks into another collection finds the same transaction there', () => {
  const messages = createSource('messages')
  const users = createSource('users')
  const publish = createPublish()
  const seen: string[] = []
  messages.collection.subscribeChanges(() => seen.push(`users: ${users.collection.size}`), {
    includeInitialState: false,
  })
  users.collection.subscribeChanges(() => seen.push(`messages: ${messages.collection.size}`), {
    includeInitialState: false,
  })
  publish([collectionOf(messages), collectionOf(users)], () => {
    messages.commit(put('m', { userId: 'u' }))
    users.commit(put('u', { name: 'Ada' }))
  })
  expect(seen).toEqual(['users: 1', 'messages: 1'])
})

test('[F-real-49] every listener is called, whatever another throws; then the first error is thrown', () => {
  const messages = createSource('messages')
  const users = createSource('users')
  const publish = createPublish()
  messages.collection.subscribeChanges(() => {
    throw new Error('mistake of a listener')
  })
  const commit = (): void =>
    publish([collectionOf(messages), collectionOf(users)], () => {
      messages.commit(put('m'))
      users.commit(put('u'))
    })
  expect(commit).toThrow('mistake of a listener')
  expect(users.published).toEqual([['insert u -']])
})

test('[fact 3] without `_deferPublication` live queries are right, and listeners hear of one collection after another', async () => {
  const messages = createSource('messages')
  const users = createSource('users')
  for (const { collection } of [messages, users]) Object.assign(collection, { _deferPublication: undefined })
  const live = createLiveQueryCollection((q) =>
    q
      .from({ message: messages.collection })
      .leftJoin({ user: users.collection }, ({ message, user }) => eq(message.userId, user.id))
      .select(({ message, user }) => ({ id: message.id, author: user?.name })),
  )
  await live.preload()
  const joined: unknown[] = []
  live.subscribeChanges((changes) => joined.push(changes.map(({ value }) => value.author)), {
    includeInitialState: false,
  })
  createPublish()([collectionOf(messages), collectionOf(users)], () => {
    messages.commit(put('m', { userId: 'u' }))
    users.commit(put('u', { name: 'Ada' }))
  })
  expect(joined).toEqual([['Ada']])
})

test.each([
  [
    'TanStack takes no further commit of a collection while it publishes one',
    (commit: () => void) => commit(),
    'a',
  ],
  [
    'one that is committed before it is published is no hindrance',
    (commit: () => void, of: AnyCollection) => commitBeforePublishing(of, commit),
    'a and b',
  ],
] as const)('[D3] %s', (_name, run, expected) => {
  const users = createSource('users')
  const seen: string[] = []
  const live = createLiveQueryCollection((q) => q.from({ user: users.collection }))
  live.subscribeChanges(() => {
    // As a join does that needs another row.
    if (seen.length === 0) users.commit(put('b'))
    seen.push([...users.collection.keys()].join(' and '))
  })
  run(() => users.commit(put('a')), collectionOf(users))
  expect([seen[0], users.collection.size]).toEqual([expected, 2])
})

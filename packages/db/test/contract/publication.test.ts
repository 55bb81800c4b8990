import { BasicIndex, createLiveQueryCollection, eq } from '@tanstack/db'
import { expect, test } from 'vitest'
import { createSource, put, remove, type Source } from './source.ts'

interface House {
  readonly messages: Source
  readonly users: Source
  /** Every call of a subscriber of the join of messages and users. */
  readonly joined: string[][]
  readonly onJoined: (listener: () => void) => void
  /** Commits the collections within a publication of the internal one. */
  readonly nested: (commits: () => void) => void
}

async function startHouse(): Promise<House> {
  const indexed = { autoIndex: 'eager', defaultIndexType: BasicIndex } as const
  const messages = createSource('messages', indexed)
  const users = createSource('users', indexed)
  const internal = createSource('internal')
  const live = createLiveQueryCollection((q) =>
    q
      .from({ message: messages.collection })
      .leftJoin({ user: users.collection }, ({ message, user }) => eq(message.userId, user.id))
      .select(({ message, user }) => ({ id: message.id, author: user?.name })),
  )
  await live.preload()
  const joined: string[][] = []
  const listeners = new Set<() => void>()
  live.subscribeChanges(
    (changes) => {
      joined.push(changes.map(({ type, value }) => `${type} ${value.id} by ${value.author ?? 'nobody'}`))
      for (const listener of listeners) listener()
    },
    { includeInitialState: false },
  )
  let current = (): void => {}
  let ticks = 0
  internal.collection.subscribeChanges(() => current())
  return {
    messages,
    users,
    joined,
    onJoined: (listener) => void listeners.add(listener),
    nested(commits) {
      current = commits
      internal.commit(put('tick', { name: String(++ticks) }))
    },
  }
}

test('[fact 3] plain commits of two collections show a join without its half first', async () => {
  const { messages, users, joined } = await startHouse()
  messages.commit(put('m', { userId: 'u' }))
  users.commit(put('u', { name: 'Ada' }))
  expect(joined).toEqual([['insert m by nobody'], ['insert m by Ada', 'delete m by nobody']])
})

test('[fact 3] commits nested in the publication of another collection run the join once, whole', async () => {
  const { messages, users, joined, nested } = await startHouse()
  nested(() => {
    messages.commit(put('m', { userId: 'u' }))
    users.commit(put('u', { name: 'Ada' }))
  })
  nested(() => {
    users.commit(put('u', { name: 'Eva' }))
    messages.commit(put('m2', { userId: 'u' }))
    messages.commit(put('m3', { userId: 'u' }))
  })
  expect(joined.map((changes) => changes.filter((change) => change.startsWith('insert')))).toEqual([
    ['insert m by Ada'],
    expect.arrayContaining(['insert m2 by Eva', 'insert m3 by Eva']),
  ])
  expect(joined.flat().filter((change) => change.includes('nobody'))).toEqual([])
})

test('[fact 3] a truncate may be nested too', async () => {
  const { messages, users, joined, nested } = await startHouse()
  nested(() => {
    messages.commit(put('m', { userId: 'u' }))
    users.commit(put('u', { name: 'Ada' }))
  })
  joined.length = 0
  nested(() => {
    for (const { sync } of [messages, users]) {
      sync.begin()
      sync.truncate()
    }
    messages.sync.write({ type: 'update', value: { id: 'm', userId: 'u' } })
    users.sync.write({ type: 'update', value: { id: 'u', name: 'Ada' } })
    for (const { sync } of [messages, users]) sync.commit()
  })
  expect(joined).toEqual([])
})

test('[fact 3] only live queries wait: a direct subscriber runs at the commit of its own collection', async () => {
  const { messages, users, nested } = await startHouse()
  const seen: string[] = []
  messages.collection.subscribeChanges(() => void seen.push(`users: ${users.collection.size}`))
  nested(() => {
    messages.commit(put('m', { userId: 'u' }))
    seen.push('between')
    users.commit(put('u', { name: 'Ada' }))
  })
  expect(seen).toEqual(['users: 0', 'between'])
})

test('[fact 3] a listener that throws in a nested commit stops nothing; the outermost commit throws its error', async () => {
  const { messages, users, joined, nested } = await startHouse()
  const mistake = new Error('mistake of a listener')
  const after: string[] = []
  messages.collection.subscribeChanges(() => {
    throw mistake
  })
  messages.collection.subscribeChanges(() => void after.push('messages'))
  users.collection.subscribeChanges(() => void after.push('users'))
  expect(() =>
    nested(() => {
      messages.commit(put('m', { userId: 'u' }))
      after.push('between')
      users.commit(put('u', { name: 'Ada' }))
    }),
  ).toThrow(mistake)
  expect(after).toEqual(['messages', 'between', 'users'])
  expect(joined).toEqual([['insert m by Ada']])
})

test('[fact 3] a listener of a live query that throws surfaces there as well, and the first error wins', async () => {
  const { messages, users, joined, nested, onJoined } = await startHouse()
  onJoined(() => {
    throw new Error('mistake behind the join')
  })
  const commits = (): void => {
    messages.commit(put('m', { userId: 'u' }))
    users.commit(put('u', { name: 'Ada' }))
  }
  expect(() => nested(commits)).toThrow('mistake behind the join')
  expect(joined).toEqual([['insert m by Ada']])
  users.collection.subscribeChanges(() => {
    throw new Error('mistake before the join')
  })
  expect(() => nested(() => users.commit(put('u', { name: 'Eva' })))).toThrow('mistake before the join')
})

test('[fact 3] without the nesting the commit of the collection itself throws, with its rows applied', async () => {
  const { messages } = await startHouse()
  messages.collection.subscribeChanges(() => {
    throw new Error('mistake of a listener')
  })
  expect(() => messages.commit(put('m'))).toThrow('mistake of a listener')
  expect(messages.collection.size).toBe(1)
  expect(() => messages.commit(put('m2'))).toThrow('mistake of a listener')
  expect(messages.collection.size).toBe(2)
})

test('[fact 3] an error thrown between nested commits skips the rest of them: each needs its own guard', async () => {
  const { messages, users, nested } = await startHouse()
  expect(() =>
    nested(() => {
      messages.commit(put('m'))
      users.sync.write({ type: 'delete', key: 'u' })
      users.commit(put('u'))
    }),
  ).toThrow(/No pending sync transaction/)
  expect([messages.collection.size, users.collection.size]).toEqual([1, 0])
})

test('[fact 3] a subscriber without includeInitialState: false is not told of rows that it has not seen', () => {
  const { collection, commit } = createSource('users')
  commit(put('1', { name: 'Ada' }), put('2', { name: 'Bob' }))
  const seen: string[] = []
  const told: string[] = []
  collection.subscribeChanges(
    (changes) => void seen.push(...changes.map(({ type, key }) => `${type} ${key}`)),
  )
  collection.subscribeChanges(
    (changes) => void told.push(...changes.map(({ type, key }) => `${type} ${key}`)),
    {
      includeInitialState: false,
    },
  )
  commit(put('1', { name: 'Eva' }))
  commit(remove('2'))
  expect(seen).toEqual(['insert 1'])
  expect(told).toEqual(['update 1', 'delete 2'])
})

import { batchHandler, eventually } from '@streamdb/testkit'
import { message, openRoom, openScripted, user } from '@streamdb/testkit/rooms'
import { describe, expect, test } from 'vitest'
import { createLiveQueryCollection } from '../src/index.ts'
import type { StreamDBError } from '../src/index.ts'

function thrower(text: string): () => never {
  return () => {
    throw new Error(text)
  }
}

describe('[F-event-9] what an application throws is reported, and rows keep arriving', () => {
  test.each(['onEvent', 'onBeforeBatch', 'onBatch'] as const)('%s', async (name) => {
    const errors: StreamDBError[] = []
    const { db, append } = await openRoom([user('u1')], {
      [name]: thrower(`${name} of mine`),
      onError: (error) => errors.push(error),
    })
    await db.preload()
    await append(user('u2'))
    await eventually(() => expect(db.collections.users.size).toBe(2))
    expect(db.status.name).toBe('live')
    expect(errors[0]).toMatchObject({
      name: 'StreamDBError',
      code: 'callback-failed',
      cause: { message: `${name} of mine` },
    })
    expect(errors[0]?.message).toContain(name)
  })

  test('a listener of a collection: every other collection and listener gets the rows', async () => {
    const errors: StreamDBError[] = []
    const { db, append } = await openRoom([], { onError: (error) => errors.push(error) })
    await db.preload()
    const heard: string[] = []
    db.collections.users.subscribeChanges(thrower('first'))
    db.collections.messages.subscribeChanges(thrower('second'))
    db.collections.messages.subscribeChanges(() => heard.push('message'))
    for (const id of ['1', '2']) {
      await append(user(`u${id}`, 'n', `tx-${id}`), message(`m${id}`, `u${id}`, 'hi', `tx-${id}`))
      await db.utils.awaitTxId(`tx-${id}`)
      expect([db.collections.users.size, db.collections.messages.size]).toEqual([Number(id), Number(id)])
    }
    expect(db.status.name).toBe('live')
    expect(errors.length).toBeGreaterThanOrEqual(2)
    expect(errors.every(({ code }) => code === 'callback-failed')).toBe(true)
  })

  test('a listener of a live query: the query and other listeners continue', async () => {
    const errors: StreamDBError[] = []
    const { db, append } = await openRoom([user('u1')], { onError: (error) => errors.push(error) })
    const query = createLiveQueryCollection((q) => q.from({ user: db.collections.users }))
    const other = createLiveQueryCollection((q) => q.from({ user: db.collections.users }))
    await Promise.all([query.preload(), other.preload()])
    query.subscribeChanges(thrower('mine'))
    for (const id of ['u2', 'u3']) {
      await append(user(id))
      await eventually(() => expect([query.has(id), other.has(id)]).toEqual([true, true]))
    }
    expect(errors[0]).toMatchObject({ code: 'callback-failed' })
    expect(db.status.name).toBe('live')
  })

  test('a listener that throws during the first load does not keep preload() from resolving', async () => {
    const errors: StreamDBError[] = []
    const { db, append } = await openRoom([user('u1'), message('m1', 'u1')], {
      onError: (error) => errors.push(error),
    })
    db.collections.users.subscribeChanges(thrower('early'))
    db.collections.messages.subscribeChanges(thrower('early'))
    await db.preload()
    expect([db.collections.users.size, db.collections.messages.size, db.status.name]).toEqual([1, 1, 'live'])
    await append(user('u2'))
    await eventually(() => expect(db.collections.users.size).toBe(2))
    expect(errors).not.toEqual([])
  })

  test('a status listener: the others are called, and reading continues', async () => {
    const errors: StreamDBError[] = []
    const heard: string[] = []
    const { db } = await openRoom([user('u1')], { onError: (error) => errors.push(error) })
    db.subscribeStatus(thrower('mine'))
    db.subscribeStatus(({ name }) => heard.push(name))
    await db.preload()
    expect(heard).toContain('live')
    expect(errors[0]?.cause).toMatchObject({ message: 'mine' })
  })

  test('onError itself: the runtime gets the error, and reading continues', async () => {
    const warnings: unknown[] = []
    const onWarning = (warning: unknown): void => void warnings.push(warning)
    process.on('warning', onWarning)
    try {
      const { db } = await openRoom([user('u1')], { onEvent: thrower('mine'), onError: thrower('again') })
      await db.preload()
      await eventually(() => expect(warnings).toEqual([expect.objectContaining({ message: 'again' })]))
    } finally {
      process.off('warning', onWarning)
    }
  })
})

describe('order', () => {
  test('[F-event-9] onBeforeBatch before anything of the batch, onEvent in order, onBatch when the rows are visible', async () => {
    const calls: string[] = []
    const size = (): number => db.collections.users.size
    const { db } = await openScripted(
      batchHandler([[user('u1'), user('u2')], [user('u3')], [user('u4')]], { catchUp: 2 }),
      {
        onBeforeBatch: ({ items, offset }) =>
          void (items.length > 0 && calls.push(`before ${offset} ${size()}`)),
        onEvent: ({ key }) => calls.push(`event ${key}`),
        onBatch: ({ items, offset, upToDate }) =>
          void (items.length > 0 && calls.push(`batch ${offset} ${upToDate} ${size()}`)),
      },
    )
    await db.preload()
    await eventually(() => expect(size()).toBe(4))
    await eventually(() => expect(calls).toContain('batch 3 true 4'))
    expect(calls).toEqual([
      'before 1 0',
      'event u1',
      'event u2',
      'before 2 0',
      'event u3',
      'batch 1 false 3',
      'batch 2 true 3',
      'before 3 3',
      'event u4',
      'batch 3 true 4',
    ])
  })

  test('[C4] rows, then the offset, then txids, then the status, then observers', async () => {
    const calls: string[] = []
    const { db } = await openScripted(batchHandler([[user('u1', 'n', 'tx-1')]]), {
      onBatch: ({ items }) =>
        void (items.length > 0 && calls.push(`batch at ${db.offset} ${db.status.name}`)),
    })
    db.subscribeStatus(({ name }) => calls.push(`${name} at ${db.offset}`))
    db.collections.users.subscribeChanges(
      (changes) => void (changes.length > 0 && calls.push(`rows at ${db.offset}`)),
    )
    void db.utils.awaitTxId('tx-1').then(() => calls.push('txid'))
    await db.preload()
    // A waiter hears by a promise, and so a moment later.
    await eventually(() => expect(calls).toContain('txid'))
    expect(calls).toEqual(['connecting at -1', 'rows at -1', 'live at 1', 'batch at 1 live', 'txid'])
  })

  test.each(['onBeforeBatch', 'onEvent', 'onBatch', 'subscribeChanges', 'subscribeStatus'] as const)(
    '[L1] close() in %s: nothing runs after it',
    async (where) => {
      const calls: string[] = []
      const here = (name: string): void => {
        calls.push(name)
        if (name === where) db.close()
      }
      const { db } = await openScripted(batchHandler([[user('u1'), user('u2')], [user('u3')]]), {
        onBeforeBatch: () => here('onBeforeBatch'),
        onEvent: () => here('onEvent'),
        onBatch: () => here('onBatch'),
      })
      db.collections.users.subscribeChanges(
        (changes) => void (changes.length > 0 && here('subscribeChanges')),
      )
      db.subscribeStatus(({ name }) => name !== 'connecting' && name !== 'closed' && here('subscribeStatus'))
      const loaded = db.preload()
      if (where === 'onBatch' || where === 'subscribeStatus') await loaded.catch(() => undefined)
      else await expect(loaded).rejects.toMatchObject({ code: 'closed' })
      await eventually(() => expect(db.status.name).toBe('closed'))
      expect(calls.at(-1)).toBe(where)
      expect(calls.filter((call) => call === where)).toHaveLength(1)
    },
  )
})

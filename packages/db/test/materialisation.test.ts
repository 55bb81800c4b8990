import { batchHandler, eventually, gate } from '@streamdb/testkit'
import type { ScriptedHandler, ScriptedSse } from '@streamdb/testkit'
import {
  control,
  message,
  openRoom,
  openScripted,
  plain,
  publicationsOf,
  room,
  rowsOf,
  user,
} from '@streamdb/testkit/rooms'
import { describe, expect, test } from 'vitest'
import { createLiveQueryCollection, eq } from '../src/index.ts'

/** How a reset is told: an eager collection tells of every row; one that is loaded on demand of those that differ. */
const fromOldToNew =
  process.env['SYNC_MODE'] === 'on-demand'
    ? ['delete old', 'insert new', 'update both']
    : ['delete both', 'delete old', 'insert both', 'insert new']

const keys = (collection: { keys(): Iterable<string | number> }): (string | number)[] =>
  [...collection.keys()].sort()

describe('rows', () => {
  test('[M1] order in the log decides', async () => {
    const { db } = await openRoom([
      user('u1', 'a'),
      room.users.delete({ key: 'u1' }),
      user('u1', 'b'),
      user('u1', 'c'),
    ])
    await db.preload()
    expect(plain(db.collections.users.get('u1'))).toEqual({ id: 'u1', name: 'c' })
  })

  test.each(['insert', 'update', 'upsert'] as const)(
    '[F-mat-3] [M2] %s replaces the row: a dropped field is removed',
    async (operation) => {
      const nick = { type: 'message', key: 'm1', headers: { operation } }
      const first = { ...nick, value: { id: 'm1', userId: 'u1', text: 'a', likes: 5 } }
      const second = { ...nick, value: { id: 'm1', userId: 'u1', text: 'b' } }
      const { db, append } = await openRoom([first])
      await db.preload()
      await append(second)
      await eventually(() => expect(db.collections.messages.get('m1')?.text).toBe('b'))
      // `likes` is what the schema gives where there is none, and not what was.
      expect(plain(db.collections.messages.get('m1'))).toEqual({
        id: 'm1',
        userId: 'u1',
        text: 'b',
        likes: 0,
      })
    },
  )

  test('[M3] deleting an absent key does nothing', async () => {
    const { db, append } = await openRoom([user('u1')])
    await db.preload()
    const publications = publicationsOf(db.collections.users)
    await append(room.users.delete({ key: 'nobody' }))
    await append(user('u2'))
    await eventually(() => expect(db.collections.users.size).toBe(2))
    expect(publications).toEqual([['insert u2']])
  })

  test('[F-mat-5] an identical row again publishes nothing', async () => {
    const { db, append } = await openRoom([user('u1')])
    await db.preload()
    const publications = publicationsOf(db.collections.users)
    await append(user('u1'))
    await append(user('u2'))
    await eventually(() => expect(db.collections.users.size).toBe(2))
    expect(publications).toEqual([['insert u2']])
  })
})

describe('reset', () => {
  const before = [user('old'), user('both', 'was'), message('m1', 'old')]
  const after = [user('both', 'is'), user('new')]

  test.each([
    ['alone', [before, [control('reset')], after]],
    ['first', [before, [control('reset'), ...after]]],
    ['in mid batch', [[...before, control('reset'), ...after]]],
    ['last', [[...before, control('reset')], after]],
    ['twice', [before, [control('reset'), user('gone'), control('reset'), ...after]]],
  ])('[F-mat-1] [M4] %s: it voids what was before it', async (_where, batches) => {
    const { db } = await openScripted(batchHandler(batches))
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual({
      both: { id: 'both', name: 'is' },
      new: { id: 'new', name: 'name of new' },
    })
    expect(db.collections.messages.size).toBe(0)
  })

  test('[F-mat-1] [M4] [C1] live, it is one change from old to new, of every collection', async () => {
    const { db, append } = await openRoom(before)
    await db.preload()
    const joined = createLiveQueryCollection((q) =>
      q
        .from({ user: db.collections.users })
        .leftJoin({ message: db.collections.messages }, ({ user: u, message: m }) => eq(u.id, m.userId))
        .select(({ user: u, message: m }) => ({ id: u.id, text: m?.text })),
    )
    await joined.preload()
    const users = publicationsOf(db.collections.users)
    const messages = publicationsOf(db.collections.messages)
    const sizes: number[] = []
    joined.subscribeChanges(() => sizes.push(joined.size))
    await append(control('reset'), ...after)
    await eventually(() => expect(db.collections.users.has('new')).toBe(true))
    expect(users).toEqual([fromOldToNew])
    expect(messages).toEqual([['delete m1']])
    expect(sizes).toEqual([2])
    expect(db.status.name).toBe('live')
  })

  test('[F-mat-1] [M4] cut into pages, a reset is applied when all pages are read', async () => {
    const cut = batchHandler([before, [control('reset'), user('both', 'is')], [user('new')]], { catchUp: 1 })
    // The live batches come as pages of a catch-up that has more to give.
    const pages = gate()
    const { db } = await openScripted(async (request, reply) => {
      if (request.offset === '-1') return cut(request, reply)
      if (request.live !== undefined) return reply.destroy()
      if (request.offset === '1') {
        await pages.opened
        return reply.page({ items: [control('reset'), user('both', 'is')], nextOffset: '2' })
      }
      if (request.offset === '2') return reply.page({ items: [user('new')], nextOffset: '3', upToDate: true })
      return reply.page({ nextOffset: '3', upToDate: true })
    })
    await db.preload()
    const publications = publicationsOf(db.collections.users)
    pages.open()
    await eventually(() => expect(db.offset).toBe('3'))
    expect(publications).toEqual([fromOldToNew])
  })

  test('[F-mat-1] a wait for a transaction survives a reset', async () => {
    const { db, append } = await openRoom(before)
    await db.preload()
    let settled = false
    const waiting = db.utils.awaitTxId('tx-1').then(() => (settled = true))
    await append(control('reset'), user('u1'))
    await eventually(() => expect(db.collections.users.has('u1')).toBe(true))
    expect(settled).toBe(false)
    await append(user('u2', 'n', 'tx-1'))
    await waiting
  })

  test('[F-mat-1] an optimistic row that is pending stays on top of a reset', async () => {
    let live: ScriptedSse | undefined
    const { db } = await openScripted((request, reply) => {
      if (request.method === 'POST') return reply.hang()
      if (request.live !== undefined) live = reply.sse().control({ nextOffset: '1' })
      else reply.page({ items: before, nextOffset: '1', upToDate: true })
    })
    await db.preload()
    await eventually(() => expect(live).toBeDefined())
    // Nobody answers the append; closing the database settles it.
    db.collections.users
      .insert({ id: 'mine', name: 'Ada' })
      .when('settled')
      .catch(() => undefined)
    live?.data([control('reset'), ...after]).control({ nextOffset: '2' })
    await eventually(() => expect(db.offset).toBe('2'))
    expect(keys(db.collections.users)).toEqual(['both', 'mine', 'new'])
    expect(db.collections.users.get('mine')?.$hasPendingWrites).toBe(true)
  })

  test('[M4] with another offset, reading continues there, once, as one change', async () => {
    // What was kept begins at 40; the log that is read from 0 says so at its end, again and again.
    const pages: Record<string, readonly [items: readonly unknown[], next: string, upToDate: boolean]> = {
      '-1': [[user('u1'), user('u2')], '10', false],
      '10': [[control('reset', '40'), user('never')], '20', false],
      '40': [[user('kept1')], '50', false],
      '50': [[user('kept2'), control('reset', '40'), user('kept3')], '60', true],
      '60': [[], '60', true],
    }
    const { db, script } = await openScripted((request, reply) => {
      if (request.live !== undefined) return reply.hang()
      const [items = [], nextOffset, upToDate] = pages[request.offset ?? ''] ?? []
      reply.page({ items, nextOffset, upToDate })
    })
    const publications = publicationsOf(db.collections.users)
    await db.preload()
    expect(keys(db.collections.users)).toEqual(['kept1', 'kept2', 'kept3'])
    expect(script.requests.map(({ offset }) => offset).slice(0, 4)).toEqual(['-1', '10', '40', '50'])
    expect(publications).toHaveLength(1)
    expect(db.offset).toBe('60')
  })

  test('[M4] live, a reset with an offset is one change too, and the connection is replaced', async () => {
    const { db, script } = await openScripted((request, reply) => {
      if (request.live !== undefined) {
        const sse = reply.sse().control({ nextOffset: request.offset })
        if (request.offset === '10')
          sse.data([user('lost'), control('reset', '70'), user('never')]).control({ nextOffset: '20' })
        return
      }
      if (request.offset === '-1')
        return reply.page({ items: [user('u1')], nextOffset: '10', upToDate: true })
      if (request.offset === '70') return reply.page({ items: [user('a')], nextOffset: '80' })
      if (request.offset === '80') return reply.page({ items: [user('b')], nextOffset: '90', upToDate: true })
      reply.page({ nextOffset: request.offset, upToDate: true })
    })
    await db.preload()
    const publications = publicationsOf(db.collections.users)
    await eventually(() => expect(keys(db.collections.users)).toEqual(['a', 'b']))
    expect(publications).toEqual([['delete u1', 'insert a', 'insert b']])
    await eventually(() => expect(script.requests.at(-1)?.live).toBe('sse'))
    expect(script.open).toBe(1)
    expect(db.offset).toBe('90')
  })

  test('[M4] a reset to the start of the log that contains it does not loop', async () => {
    const pages: ScriptedHandler = (request, reply) => {
      if (request.live !== undefined) return reply.hang()
      if (request.offset === '-1')
        reply.page({
          items: [user('u1'), control('reset', '-1'), user('u2')],
          nextOffset: '1',
          upToDate: true,
        })
      else reply.page({ nextOffset: '1', upToDate: true })
    }
    const { db, script } = await openScripted(pages)
    await db.preload()
    expect(keys(db.collections.users)).toEqual(['u1', 'u2'])
    expect(script.requests.filter(({ offset }) => offset === '-1')).toHaveLength(2)
  })
})

describe('snapshots', () => {
  const [begin, end] = [control('snapshot-start'), control('snapshot-end')]
  const old = [user('old'), user('both', 'was')]

  test.each([
    ['in one batch', [old, [begin, user('both', 'is'), user('new'), end]]],
    ['split over batches', [old, [begin, user('both', 'is')], [user('new')], [end]]],
    [
      'after one that never ended',
      [old, [begin, user('ghost')], [begin, user('both', 'is'), user('new'), end]],
    ],
    ['in the first load', [[...old, begin, user('both', 'is'), user('new'), end]]],
  ])(
    '[F-mat-2] [M5] %s: rows that it does not carry are gone, and the change is one',
    async (_how, batches) => {
      const { db } = await openScripted(batchHandler(batches, { catchUp: 1 }))
      const publications = publicationsOf(db.collections.users)
      await db.preload()
      await eventually(() => expect(keys(db.collections.users)).toEqual(['both', 'new']))
      expect(plain(db.collections.users.get('both'))).toEqual({ id: 'both', name: 'is' })
      await eventually(() => expect(db.offset).toBe(String(batches.length)))
      expect(publications.length).toBeLessThanOrEqual(2)
      expect(publications.flat()).not.toContain('insert ghost')
    },
  )

  test('[F-mat-2] [M5] a snapshot that never ends is never visible, not even at a reset', async () => {
    const { db, append } = await openRoom(old)
    await db.preload()
    await append(begin, user('ghost'))
    await append(room.users.delete({ key: 'old' }))
    await append(user('ghost2', 'n', 'tx-ghost'))
    const offset = await append({})
    await eventually(() => expect(db.offset).toBe(offset))
    expect(keys(db.collections.users)).toEqual(['both', 'old'])
    await append(control('reset'), user('new'))
    await eventually(() => expect(keys(db.collections.users)).toEqual(['new']))
    await append(end, user('new2'))
    await eventually(() => expect(keys(db.collections.users)).toEqual(['new', 'new2']))
  })

  test('[M5] a transaction inside a snapshot settles when the snapshot is visible', async () => {
    const { db, append } = await openRoom(old)
    await db.preload()
    const order: string[] = []
    db.collections.users.subscribeChanges(() => order.push('shown'))
    const waiting = db.utils.awaitTxId('tx-1').then(() => order.push('settled'))
    const offset = await append(begin, user('new', 'n', 'tx-1'))
    await eventually(() => expect(db.offset).toBe(offset))
    expect(order).toEqual([])
    await append(end)
    await waiting
    expect(order).toEqual(['shown', 'settled'])
  })

  test('[M5] the log may end inside a snapshot: the first load shows the rows before it', async () => {
    const { db, append } = await openRoom([...old, begin, user('new')])
    await db.preload()
    expect(keys(db.collections.users)).toEqual(['both', 'old'])
    await append(end)
    await eventually(() => expect(keys(db.collections.users)).toEqual(['new']))
  })
})

describe('[M7] what onInvalid says', () => {
  const invalid = { type: 'user', key: 'u9', value: { id: 'u9', name: 9 }, headers: { operation: 'insert' } }

  test("'fail' stops the stream with a typed error, and shows nothing of the batch", async () => {
    const { db } = await openRoom([user('u1'), invalid, user('u2')], { onInvalid: 'fail' })
    await expect(db.preload()).rejects.toMatchObject({
      code: 'invalid-event',
      message: expect.stringContaining('/value/name'),
    })
    expect(db.status).toMatchObject({ name: 'failed', error: { code: 'invalid-event' } })
    expect(db.collections.users.size).toBe(0)
    await expect(db.utils.awaitTxId('tx')).rejects.toMatchObject({ code: 'invalid-event' })
  })

  test('a function is asked about each, with the issue; undefined skips', async () => {
    const asked: unknown[] = []
    const { db, append } = await openRoom([user('u1'), invalid, 7], {
      onInvalid: (issue) => {
        asked.push([issue.code, issue.path, issue.offset === '' ? 'none' : 'offset'])
        return asked.length < 3 ? undefined : 'fail'
      },
    })
    await db.preload()
    expect(asked).toEqual([
      ['schema', '/value/name', 'offset'],
      ['not-an-event', '', 'offset'],
    ])
    await append(7)
    await eventually(() => expect(db.status.name).toBe('failed'))
    expect(keys(db.collections.users)).toEqual(['u1'])
  })

  test('[L3] [M6] after a failure, events already ingested are not ingested twice', async () => {
    const [begin, end] = [control('snapshot-start'), control('snapshot-end')]
    let verdict: 'fail' | 'skip' = 'fail'
    const events: string[] = []
    const batches = [
      [user('gone'), begin, user('a')],
      [user('b'), end, user('c'), begin, user('ghost'), 7, user('ghost2')],
    ]
    const { db } = await openScripted(batchHandler(batches), {
      onInvalid: () => verdict,
      onEvent: (event) => events.push(event.key),
    })
    await expect(db.preload()).rejects.toMatchObject({ code: 'invalid-event' })
    await expect(db.preload()).rejects.toMatchObject({ code: 'invalid-event' })
    verdict = 'skip'
    await db.preload()
    expect(keys(db.collections.users)).toEqual(['a', 'b', 'c'])
    expect(events).toEqual(['gone', 'a', 'b', 'c', 'ghost', 'ghost2'])
  })

  test('a function that throws is reported, and the event is skipped', async () => {
    const errors: unknown[] = []
    const { db } = await openRoom([invalid, user('u1')], {
      onInvalid: () => {
        throw new Error('mine')
      },
      onError: (error) => errors.push(error.code),
    })
    await db.preload()
    expect(keys(db.collections.users)).toEqual(['u1'])
    expect(errors).toEqual(['callback-failed'])
  })
})

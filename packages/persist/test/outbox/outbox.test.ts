import { createStreamDB, logRows } from '@streamdb/db'
import type { StreamDB } from '@streamdb/db'
import { eventually, unhandledRejections } from '@streamdb/testkit'
import { room, roomServer, rowsOf, user } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import type { OutboxHandle } from '@streamdb/log'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { StoreOutbox } from '../../src/outbox/outbox.ts'
import { createDevice, offline } from './device.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

describe('writes that are kept', () => {
  test('[O1] what is written offline is stored, shown after a reload as it was, and sent once', async () => {
    const device = await createDevice([user('u1', 'Ada')])
    const first = device.open()
    await first.db.preload()
    device.network = offline
    const { users } = first.db.collections
    users.insert({ id: 'u2', name: 'Bob' })
    users.update('u1', (draft) => void (draft.name = 'Eve'))
    users.update('u2', (draft) => void (draft.name = 'Bob 2'))
    const before = rowsOf(users)
    await first.db.outbox?.whenStored()
    const txids = first.db.pendingWrites.map(({ txid }) => txid)
    await first.close()

    const { db } = device.open()
    await db.preload()
    expect(rowsOf(db.collections.users)).toEqual(before)
    expect(db.pendingWrites.map(({ txid }) => txid)).toEqual(txids)
    expect(db.outbox?.get().map(({ txid }) => txid)).toEqual(txids)
    device.network = () => 'pass'
    db.retry()
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(db.outbox?.get()).toEqual([])
    expect(rowsOf(db.collections.users)).toEqual(before)
    expect(await device.log()).toEqual(txids)
  })
})

describe('each once, in order', () => {
  test('[O2] an answer that is lost with its page: the next page finds the write in the log, and sends it no more', async () => {
    const device = await createDevice()
    const first = device.open()
    await first.db.preload()
    device.network = (method) => (method === 'POST' ? 'lose-answer' : 'fail')
    first.db.collections.users.insert({ id: 'u1', name: 'Ada' })
    await eventually(() => expect(device.posts).toHaveLength(1))
    first.crash()
    device.network = () => 'pass'
    const { db } = device.open()
    await db.preload()
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
    expect(await device.log()).toHaveLength(1)
    expect(db.outbox?.get()).toEqual([])
  })

  test('[O2] thousands of writes that waited go in order, in few messages', async () => {
    const device = await createDevice()
    const first = device.open()
    await first.db.preload()
    device.network = offline
    const txids: string[] = []
    // Where the work for one of them grows with their number, this takes a minute.
    for (let index = 0; index < 3000; index++) {
      const transaction = first.db.collections.users.insert({ id: `u${index}`, name: 'a name' })
      txids.push(first.db.writeOf(transaction)?.txid ?? '')
    }
    await first.db.outbox?.whenStored()
    await first.close()
    device.network = () => 'pass'
    const { db } = device.open()
    await db.preload()
    await eventually(() => expect(db.pendingWrites).toHaveLength(0), { timeout: 20_000 })
    expect(await device.log()).toEqual(txids)
    expect(device.posts.length).toBeLessThan(10)
  })

  test('[O3] a write that was kept by a page that is gone is sent before those of the next one', async () => {
    const device = await createDevice([user('u1', 'Ada')])
    const first = device.open()
    await first.db.preload()
    await first.db.storage?.flush()
    device.network = offline
    first.db.collections.users.update('u1', (draft) => void (draft.name = 'first'))
    await first.db.outbox?.whenStored()
    first.crash()
    const { db } = device.open()
    await db.preload()
    db.collections.users.update('u1', (draft) => void (draft.name += ' second'))
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'first second' } })
    device.network = () => 'pass'
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'first second' } })
    expect(await device.log()).toHaveLength(2)
  })
})

/** Refuses what has a word; not one of `a` to `f` alone, as random ids may have that. */
const refused = (word: string): ((method: string, body: string) => Response | 'pass') => {
  return (method, body) =>
    method === 'POST' && body.includes(word) ? new Response(`no ${word}`, { status: 400 }) : 'pass'
}

describe('refused writes', () => {
  test('[O4] a server that refuses one of five keeps four; the one stays with its error, over a reload', async () => {
    const device = await createDevice()
    const first = device.open()
    await first.db.preload()
    device.network = offline
    for (const name of ['a', 'b', 'wrong', 'd', 'e']) first.db.collections.users.insert({ id: name, name })
    await first.db.outbox?.whenStored()
    await first.close()
    device.network = refused('wrong')
    const onError = vi.fn()
    const second = device.open({ onError })
    await second.db.preload()
    await eventually(() => expect(second.db.pendingWrites).toEqual([]))
    expect(Object.keys(rowsOf(second.db.collections.users) as object)).toEqual(['a', 'b', 'd', 'e'])
    expect(onError).toHaveBeenCalledWith(expect.objectContaining({ code: 'write-failed' }), expect.anything())
    await second.db.outbox?.whenStored()
    await second.close()
    const { db } = device.open()
    await db.preload()
    const entry = db.outbox?.get()[0]
    expect(db.outbox?.get()).toHaveLength(1)
    expect(entry?.state).toMatchObject({ name: 'refused', error: { code: 'write-failed', status: 400 } })
    expect(db.collections.users.has('wrong')).toBe(false)
    // The server has changed its mind.
    device.network = () => 'pass'
    const transaction = db.outbox?.retry(entry?.txid ?? '')
    expect(db.collections.users.has('wrong')).toBe(true)
    await transaction?.when('settled')
    expect(db.outbox?.get()).toEqual([])
    expect(await device.log()).toHaveLength(5)
  })

  test('[GW6] a write that a gateway refuses stays with its reason, over a reload; the others go in one message', async () => {
    const device = await createDevice()
    const first = device.open({ onError: () => undefined })
    await first.db.preload()
    device.network = offline
    for (const name of ['a', 'b', 'wrong', 'd', 'e']) first.db.collections.users.insert({ id: name, name })
    const txid = first.db.pendingWrites[2]?.txid
    const reason = { code: 'bad-name', message: 'The name is wrong.', path: '/value/name' }
    const refusal = JSON.stringify({ error: { ...reason, index: 2, txid } })
    device.network = (method, body) =>
      method === 'POST' && body.includes('wrong') ? new Response(refusal, { status: 403 }) : 'pass'
    first.db.retry()
    await eventually(() => expect(first.db.pendingWrites).toEqual([]))
    expect(await device.log()).toHaveLength(4)
    expect(device.posts).toHaveLength(1)
    await first.db.outbox?.whenStored()
    await first.close()
    const { db } = device.open()
    await db.preload()
    expect(db.outbox?.get().map((entry) => [entry.txid, entry.state])).toMatchObject([
      [txid, { name: 'refused', error: { code: 'write-failed', status: 403, reason } }],
    ])
  })

  test('[O5] what was built upon a refused write is refused with it, and says so; retry brings both back', async () => {
    const device = await createDevice()
    const { db } = device.open({ onError: () => undefined })
    await db.preload()
    device.network = offline
    const { users } = db.collections
    users.insert({ id: 'x', name: 'other' })
    users.insert({ id: 'u1', name: 'wrong' })
    users.update('u1', (draft) => void (draft.name = 'better'))
    users.insert({ id: 'y', name: 'other' })
    const [, base, dependent] = db.pendingWrites.map(({ txid }) => txid)
    device.network = refused('wrong')
    db.retry()
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(Object.keys(rowsOf(users) as object)).toEqual(['x', 'y'])
    expect(db.outbox?.get().map(({ txid, state }) => [txid, state])).toEqual([
      [base, { name: 'refused', error: expect.objectContaining({ code: 'write-failed' }) as unknown }],
      [
        dependent,
        {
          name: 'refused',
          error: expect.objectContaining({ code: 'rolled-back', dependsOn: base }) as unknown,
        },
      ],
    ])
    device.network = () => 'pass'
    db.outbox?.retry(base ?? '')
    expect(rowsOf(users)).toMatchObject({ u1: { name: 'better' } })
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(rowsOf(users)).toMatchObject({ u1: { name: 'better' } })
    expect((await device.log()).slice(-2)).toEqual([base, dependent])
  })

  test('[O5] discard removes a refused write, and a waiting one; what was sent is not discarded', async () => {
    const device = await createDevice()
    const { db } = device.open({ onError: () => undefined })
    await db.preload()
    device.network = refused('wrong')
    const { users } = db.collections
    users.insert({ id: 'u1', name: 'wrong' })
    await eventually(() => expect(db.outbox?.get()[0]?.state.name).toBe('refused'))
    db.outbox?.discard(db.outbox.get()[0]?.txid ?? '')
    expect(db.outbox?.get()).toEqual([])

    device.network = offline
    users.insert({ id: 'a', name: 'sent' })
    await eventually(() => expect(db.outbox?.get()[0]?.state.name).toBe('sending'))
    users.insert({ id: 'b', name: 'waits' })
    users.update('b', (draft) => void (draft.name = 'depends'))
    const [sent, waits, depends] = db.pendingWrites.map(({ txid }) => txid)
    expect(() => db.outbox?.discard(sent ?? '')).toThrow(expect.objectContaining({ code: 'invalid-write' }))
    db.outbox?.discard(waits ?? '')
    expect(Object.keys(rowsOf(users) as object)).toEqual(['a'])
    expect(db.outbox?.get().map(({ txid, state }) => [txid, state.name])).toEqual([
      [sent, 'sending'],
      [depends, 'refused'],
    ])
    expect(() => db.outbox?.discard('nothing')).toThrow(expect.objectContaining({ code: 'invalid-write' }))
    expect(() => db.outbox?.retry(sent ?? '')).toThrow(expect.objectContaining({ code: 'invalid-write' }))
  })

  test('[O5] [D6] edit of writes to rows that are not loaded, on demand', async () => {
    const device = await createDevice([user('u1', 'Ada'), user('u2', 'Bob')])
    const { db } = device.open({ syncMode: 'on-demand' })
    await db.preload()
    const { users } = db.collections
    device.network = (method) => (method === 'POST' ? new Response('', { status: 400 }) : 'pass')
    const refused = [users.update('u1', (draft) => void (draft.name = 'wrong')), users.delete('u2')]
    for (const each of refused) await expect(each.when('settled')).rejects.toThrow('refused')
    expect(users.size).toBe(0)
    device.network = () => 'pass'
    for (const { txid } of db.outbox?.get() ?? [])
      await db.outbox?.edit(txid, () => undefined).when('settled')
    expect(db.outbox?.get()).toEqual([])
    expect([...logRows(users)].map(([, { name }]) => name)).toEqual(['wrong'])
  })

  test('[O5] edit makes a new transaction of a refused one; what mutate throws changes nothing', async () => {
    const device = await createDevice()
    const { db } = device.open({ onError: () => undefined })
    await db.preload()
    device.network = refused('wrong')
    const { users } = db.collections
    users.insert({ id: 'u1', name: 'wrong' })
    await eventually(() => expect(db.outbox?.get()[0]?.state.name).toBe('refused'))
    const txid = db.outbox?.get()[0]?.txid ?? ''
    const mistake = new Error('mistake')
    expect(() =>
      db.outbox?.edit(txid, () => {
        throw mistake
      }),
    ).toThrow(mistake)
    expect(db.outbox?.get()).toHaveLength(1)
    const transaction = db.outbox?.edit(
      txid,
      () => void users.update('u1', (draft) => void (draft.name = 'good')),
    )
    await transaction?.when('settled')
    expect(rowsOf(users)).toEqual({ u1: { id: 'u1', name: 'good' } })
    expect(db.outbox?.get()).toEqual([])
    const log = await device.log()
    expect(log).toHaveLength(1)
    expect(log).not.toContain(txid)
  })
})

describe('actions that write by themselves', () => {
  const add = (run: (id: string, txid: string) => Promise<void>) => ({
    actions: ({ db }: { readonly db: StreamDB<Room> }) => ({
      add: {
        onMutate: (id: string) => void db.collections.users.insert({ id, name: 'by action' }),
        mutationFn: async (id: string, { txid }: { readonly txid: string }) => run(id, txid),
      },
    }),
  })

  test('[O6] it is kept by name and parameters, runs again after a reload, and waits while the network fails', async () => {
    const device = await createDevice()
    const kit = await roomServer()
    const first = device.open(add(() => Promise.reject(new TypeError('fetch failed'))))
    await first.db.preload()
    first.db.actions.add('u1')
    await eventually(() => expect(first.db.outbox?.get()[0]?.attempts).toBeGreaterThan(0))
    expect(first.db.outbox?.get()[0]).toMatchObject({
      action: 'add',
      params: 'u1',
      state: { name: 'sending' },
    })
    await first.close()
    const calls: string[] = []
    const { db } = device.open(
      add(async (id, txid) => {
        calls.push(id)
        await kit.appendItems(device.url, [user(id, 'by the server', txid)])
      }),
    )
    await db.preload()
    expect(db.pendingWrites.map(({ action }) => action)).toEqual(['add'])
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'by the server' } })
    expect(calls).toEqual(['u1'])
    await eventually(() => expect(db.outbox?.get()).toEqual([]))
  })

  test('[O6] an action that is no longer known is kept and reported; parameters that JSON changes are refused', async () => {
    const device = await createDevice()
    const first = device.open(add(() => Promise.reject(new TypeError('fetch failed'))))
    await first.db.preload()
    first.db.actions.add('u1')
    await first.db.outbox?.whenStored()
    await first.close()
    const onError = vi.fn()
    const second = device.open({ onError })
    await second.db.preload()
    await eventually(() => expect(second.db.outbox?.get()[0]?.state).toMatchObject({ name: 'refused' }))
    expect(second.db.outbox?.get()[0]?.state).toMatchObject({ error: { code: 'action-unknown' } })
    expect(onError).toHaveBeenCalledWith(
      expect.objectContaining({ code: 'action-unknown' }),
      expect.anything(),
    )
    expect(second.db.collections.users.size).toBe(0)

    const { db } = device.open(add(() => Promise.resolve()))
    await db.preload()
    expect(() => db.actions.add(new Date() as unknown as string)).toThrow(
      expect.objectContaining({ code: 'invalid-write' }),
    )
  })
})

describe('what an outbox needs', () => {
  test('[O1] offline without a storage is refused', () => {
    const make = (): unknown =>
      createStreamDB({ streamOptions: { url: 'http://127.0.0.1:1/x' }, state: room, offline: true })
    expect(make).toThrow(expect.objectContaining({ code: 'invalid-options' }))
  })

  test('[O7] what is confirmed is undoable after a reload, and what was waiting then', async () => {
    const device = await createDevice([user('u1', 'Ada')])
    const first = device.open({ history: true })
    await first.db.preload()
    await first.db.collections.users.update('u1', (draft) => void (draft.name = 'Eve')).when('settled')
    device.network = offline
    first.db.collections.users.insert({ id: 'u2', name: 'Bob' })
    await first.db.outbox?.whenStored()
    await first.close()
    device.network = () => 'pass'
    const second = device.open({ history: true })
    await second.db.preload()
    await eventually(() => expect(second.db.pendingWrites).toEqual([]))
    await second.db.history?.undo()?.transaction?.when('settled')
    expect(rowsOf(second.db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Eve' } })
    await second.close()
    const { db } = device.open({ history: true })
    await db.preload()
    expect(db.history?.canRedo).toBe(true)
    await db.history?.undo()?.transaction?.when('settled')
    expect(rowsOf(db.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
    expect(db.history?.canUndo).toBe(false)
  })

  test('[O8] where the store dies writes go on in memory, with one warning', async () => {
    const device = await createDevice()
    const onError = vi.fn()
    const { db } = device.open({ onError })
    await db.preload()
    device.breakStore()
    db.collections.users.insert({ id: 'u1', name: 'Ada' })
    await expect(db.outbox?.whenStored()).rejects.toMatchObject({ code: 'storage-failed' })
    await eventually(() => expect(db.pendingWrites).toEqual([]))
    expect(await device.log()).toHaveLength(1)
    expect(db.storage?.status.get().name).toBe('unavailable')
    expect(onError.mock.calls).toEqual([[expect.objectContaining({ code: 'storage-failed' })]])
  })

  test('[O9] storage.clear() removes unsent writes as well', async () => {
    const device = await createDevice()
    const first = device.open()
    await first.db.preload()
    device.network = offline
    first.db.collections.users.insert({ id: 'u1', name: 'Ada' })
    await first.db.outbox?.whenStored()
    await first.db.storage?.clear()
    first.crash()
    device.network = () => 'pass'
    const { db } = device.open()
    await db.preload()
    expect(db.outbox?.get()).toEqual([])
    expect(db.collections.users.size).toBe(0)
  })
})

describe('limits', () => {
  test('[O10] writes that are too large together leave no room for another one, until one of them goes', () => {
    const ending = new AbortController()
    onTestFinished(() => ending.abort(new Error('the test is over')))
    const sender = {
      send: () => new Promise<never>(() => undefined),
      checkStored: () => Promise.resolve(true),
    }
    const outbox = new StoreOutbox({ sender, report: () => undefined, maxSize: 200, signal: ending.signal })
    const add = (txid: string): OutboxHandle => {
      const value = { id: txid, text: 'x'.repeat(80) }
      const headers = { operation: 'insert' as const, txid }
      return outbox.add({ txid, events: [{ type: 'message', key: txid, value, headers }] }, {})
    }
    add('first').done.catch(() => undefined)
    outbox.assertRoom()
    add('second').done.catch(() => undefined)
    expect(() => outbox.assertRoom()).toThrow(
      expect.objectContaining({ code: 'outbox-full', message: expect.stringContaining('200 characters') }),
    )
    expect(outbox.discard('first')).toBe(true)
    outbox.assertRoom()
  })
})

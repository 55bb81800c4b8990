import { eventually, gate } from '@streamdb/testkit'
import type { ScriptedHandler } from '@streamdb/testkit'
import { control, openRoom, openScripted, user } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createStreamDB, dehydrate, MaterializedState } from '../src/index.ts'
import type { OpenSnapshot, Status, StreamDBError } from '../src/index.ts'

describe('[F-real-8] a snapshot that was begun and not ended', () => {
  test('the status and observers say since when it is open, and that it is not any more', async () => {
    const { db, append } = await openRoom([user('u1')])
    await db.preload()
    const seen: (OpenSnapshot | undefined)[] = []
    const statuses: Status[] = []
    db.observe({
      onSnapshot: (snapshot) => void seen.push(snapshot),
      onStatus: (status) => void statuses.push(status),
    })
    const before = Date.now()
    const offset = await append(control('snapshot-start'), user('u2'))
    await eventually(() => expect(db.openSnapshot).toBeDefined())
    expect(seen).toEqual([{ since: expect.any(Number) as unknown, offset }])
    expect(seen[0]?.since).toBeGreaterThanOrEqual(before)
    expect(db.status).toEqual({ name: 'live', snapshotSince: seen[0]?.since })
    expect([db.insideSnapshot, db.collections.users.size]).toEqual([true, 1])
    await append(control('snapshot-end'))
    await eventually(() => expect([...db.collections.users.keys()]).toEqual(['u2']))
    expect([db.openSnapshot, db.insideSnapshot, seen.at(-1)]).toEqual([undefined, false, undefined])
    expect(db.status).toEqual({ name: 'live' })
    expect(statuses.map(({ name }) => name)).toEqual(['live', 'live'])
  })

  test('a first load that ends inside one says so', async () => {
    const { db } = await openRoom([user('u1'), control('snapshot-start'), user('u2')])
    await db.preload()
    expect(db.status).toMatchObject({ name: 'live', snapshotSince: expect.any(Number) as unknown })
    expect([...db.collections.users.keys()]).toEqual(['u1'])
  })

  test('an own write inside it is acknowledged, and confirmed with its end', async () => {
    const { db, append } = await openRoom([user('u1')], { confirmTimeout: 50 })
    await db.preload()
    await append(control('snapshot-start'), user('u2'))
    await eventually(() => expect(db.insideSnapshot).toBe(true))
    const transaction = db.collections.users.insert({ id: 'u3', name: 'Grace' })
    await eventually(() => expect(db.writeOf(transaction)?.state.name).toBe('acknowledged'))
    const later = db.collections.users.insert({ id: 'u4', name: 'Ada' })
    await eventually(() => expect(db.writeOf(later)?.state.name).toBe('acknowledged'))
    await append(control('snapshot-end'))
    await Promise.all([transaction.when('settled'), later.when('settled')])
    expect([...db.collections.users.keys()].sort()).toEqual(['u2', 'u3', 'u4'])
  })

  test('after a bound it is reported, once', async () => {
    const errors: StreamDBError[] = []
    const { db, append } = await openRoom([user('u1')], {
      snapshotTimeout: 20,
      onError: (error) => errors.push(error),
    })
    await db.preload()
    await append(control('snapshot-start'))
    await eventually(() => expect(errors).toHaveLength(1))
    expect(errors[0]).toMatchObject({
      code: 'snapshot-open',
      message: expect.stringMatching(/open for 20 ms.*snapshot-end/) as unknown,
    })
    await append(user('u2'))
    await eventually(() => expect(db.offset).not.toBe('-1'))
    expect(errors).toHaveLength(1)
  })

  test('one that ends in time is not reported', async () => {
    const errors: StreamDBError[] = []
    const { db, append } = await openRoom([user('u1')], {
      snapshotTimeout: 60_000,
      onError: (error) => errors.push(error),
    })
    await db.preload()
    await append(control('snapshot-start'))
    await eventually(() => expect(db.insideSnapshot).toBe(true))
    await append(control('snapshot-end'))
    await eventually(() => expect(db.insideSnapshot).toBe(false))
    expect(errors).toEqual([])
  })

  test('the checkpoint stays before it: who resumes there ends at the same rows', async () => {
    const { db, url, append } = await openRoom([user('u1', 'Ada'), user('u2', 'Grace')])
    await db.preload()
    const before = db.checkpoint.offset
    await append(user('u1', 'Ada L'), control('snapshot-start'), user('u3'))
    await eventually(() => expect(db.collections.users.get('u1')?.name).toBe('Ada L'))
    expect(db.checkpoint.offset).toBe(before)
    const items = Array.from(db.collections.users.values(), ({ id, name }) => user(id, name)) as never[]
    const { db: later } = await openRoom([], { url, hydrate: { offset: before, items } })
    await later.preload()
    await append(control('snapshot-end'))
    for (const each of [db, later])
      await eventually(() => expect([...each.collections.users.keys()]).toEqual(['u3']))
    expect(db.checkpoint.offset).toBe(db.offset)
  })
})

describe('[F-real-66] dehydrated rows', () => {
  test('say which types they are of: a database with more reads the log from its beginning', async () => {
    const { db: server, url, append } = await openRoom([user('u1', 'Ada')], { live: false })
    await append({
      type: 'message',
      key: 'm1',
      value: { id: 'm1', userId: 'u1', text: 'hi' },
      headers: { operation: 'insert' },
    })
    const { users } = server.state
    const narrow = createStreamDB({ streamOptions: { url }, state: { users }, live: false })
    onTestFinished(() => narrow.close())
    await narrow.preload()
    const stream = dehydrate(narrow)
    expect(stream.types).toEqual(['user'])
    const { db } = await openRoom([], { url, hydrate: stream })
    expect([db.collections.users.size, db.collections.messages.size]).toEqual([1, 0])
    await db.preload()
    expect([db.collections.users.size, db.collections.messages.size]).toEqual([1, 1])
  })

  test('that were deleted meanwhile are gone when the log was read from its beginning', async () => {
    const { db: server, url, append } = await openRoom([user('u1'), user('u2')], { live: false })
    await server.preload()
    const stream = { ...dehydrate(server), types: ['user'] }
    await append({ type: 'user', key: 'u2', headers: { operation: 'delete' } })
    const { db } = await openRoom([], { url, hydrate: stream })
    expect(db.collections.users.size).toBe(2)
    await db.preload()
    expect([...db.collections.users.keys()]).toEqual(['u1'])
  })

  test('are refused after a collection was cleaned up', async () => {
    const { db } = await openRoom([user('u1')], { live: false })
    await db.preload()
    await db.collections.users.cleanup()
    expect(() => dehydrate(db)).toThrow(/"users" was cleaned up/)
  })

  test('are those of the checkpoint while a snapshot that ended is not visible yet', async () => {
    const log = [user('old'), control('snapshot-start'), user('new'), control('snapshot-end')]
    const { db: whole, url } = await openRoom(log, { live: false })
    await whole.preload()
    const { db } = await openRoom([], { url, hydrate: dehydrate(whole) })
    await db.preload()
    expect([...db.collections.users.keys()]).toEqual(['new'])
    const oracle = new MaterializedState()
    oracle.applyBatch(log as never[])
    expect([...db.collections.users.keys()]).toEqual([...oracle.getType('user').keys()])
  })

  test('resume before a snapshot whose end was read and is not visible yet', async () => {
    // What a page of the log that is not the last one brings is not applied before all of it is read.
    const pages: Record<string, readonly [items: readonly unknown[], next: string, upToDate: boolean]> = {
      '-1': [[user('old'), user('both')], '1', true],
      '1': [[control('snapshot-start'), user('both')], '2', true],
      '2': [[user('new'), control('snapshot-end')], '3', false],
    }
    const release = gate()
    const handler: ScriptedHandler = (request, reply) => {
      const page = pages[request.offset ?? '']
      if (page === undefined)
        return void release.opened.then(() => reply.page({ nextOffset: '3', upToDate: true }))
      const [items, nextOffset, upToDate] = page
      reply.page({ items, nextOffset, upToDate })
    }
    const { db, script } = await openScripted(handler, { live: 'long-poll' })
    await db.preload()
    await eventually(() => expect(script.requests.some(({ offset }) => offset === '3')).toBe(true))
    expect([[...db.collections.users.keys()].sort(), db.insideSnapshot]).toEqual([['both', 'old'], false])
    const stream = dehydrate(db)
    expect(stream.offset).toBe('1')
    release.open()
    const { db: page } = await openScripted(handler, { live: 'long-poll', hydrate: stream })
    expect(page.collections.users.size).toBe(2)
    await page.preload()
    await eventually(() => expect([...page.collections.users.keys()].sort()).toEqual(['both', 'new']))
  })
})

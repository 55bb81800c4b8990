import { isCapable, logOf, needs, startScriptedServer, unhandledRejections } from '@streamdb/testkit'
import {
  message,
  openProxied,
  openRoom,
  quick,
  room,
  roomServer,
  rowsOf,
  user,
} from '@streamdb/testkit/rooms'
import fc from 'fast-check'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { compactStream } from '@streamdb/server'
import { createStreamDB } from '../src/index.ts'
import type { Branch, ForkOptions, StreamDB } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

type Room = typeof room

async function forkOf(db: StreamDB<Room>, options?: ForkOptions): Promise<Branch<Room>> {
  const branch = await db.fork(options)
  onTestFinished(() => branch.close())
  return branch
}

const rename = (db: StreamDB<Room>, id: string, name: string): Promise<unknown> =>
  db.collections.users.update(id, (draft) => void (draft.name = name)).when('settled')

describe('db.fork', () => {
  test('[H8] [H9] a branch has the rows and nothing of its writes is seen before it is merged: as one transaction, once', async () => {
    await needs('forks', 'stamps')
    const { db, url } = await openRoom([user('u1'), user('u2'), message('m1', 'u1')])
    const branch = await forkOf(db)
    expect(branch.forkedFrom).toEqual({ url, offset: db.offset })
    expect(rowsOf(branch.collections.users)).toEqual(rowsOf(db.collections.users))
    await rename(branch, 'u1', 'Ada')
    const { users, messages } = branch.collections
    await branch
      .transact(() => {
        users.delete('u2')
        messages.insert({ id: 'm2', userId: 'u1', text: 'a draft' })
      })
      .when('settled')
    // Ours goes on as well, on another row.
    await db.collections.messages.delete('m1').when('settled')
    expect([...db.collections.users.keys()].sort()).toEqual(['u1', 'u2'])
    const draft = { id: 'm2', userId: 'u1', text: 'a draft', likes: 0 }
    const named = (id: string, name: string): object => ({ id, name })
    expect(await db.diff(branch)).toEqual([
      {
        ...{ collection: 'users', key: 'u1', changedBy: 'theirs', change: 'updated', fields: ['name'] },
        ...{ base: named('u1', 'name of u1'), ours: named('u1', 'name of u1'), theirs: named('u1', 'Ada') },
      },
      {
        ...{ collection: 'users', key: 'u2', changedBy: 'theirs', change: 'deleted' },
        ...{ base: named('u2', 'name of u2'), ours: named('u2', 'name of u2'), theirs: undefined },
      },
      {
        ...{ collection: 'messages', key: 'm2', changedBy: 'theirs', change: 'inserted' },
        ...{ base: undefined, ours: undefined, theirs: draft },
      },
      {
        ...{ collection: 'messages', key: 'm1', changedBy: 'ours', change: 'inserted' },
        ...{ base: expect.anything() as unknown, ours: undefined, theirs: expect.anything() as unknown },
      },
    ])
    const merged = await db.merge(branch)
    expect(merged).toEqual({ type: 'merged', txid: expect.any(String) as string, rows: 3, conflicts: [] })
    expect(rowsOf(db.collections.users)).toEqual({ u1: named('u1', 'Ada') })
    expect(rowsOf(db.collections.messages)).toEqual({ m2: draft })
    const log = await logOf(url)
    expect(new Set(log.slice(-3).map(({ headers }) => headers.txid)).size).toBe(1)
    // Again, and after somebody changed what was merged: nothing is written twice.
    await rename(db, 'u1', 'Bo')
    expect(await db.merge(branch)).toEqual({ type: 'unchanged' })
    // What the branch did since is merged from there.
    await branch.collections.users.insert({ id: 'u3', name: 'Cy' }).when('settled')
    expect(await db.merge(branch)).toMatchObject({ type: 'merged', rows: 1, conflicts: [] })
    expect(rowsOf(db.collections.users)).toEqual({ u1: named('u1', 'Bo'), u3: named('u3', 'Cy') })
    await branch.discard()
    await branch.discard()
    expect((await fetch(branch.stream.url, { method: 'HEAD' })).status).toBe(404)
    expect(branch.status.name).toBe('closed')
  })

  test('[H10] rows that both changed are conflicts: nothing is written before they are decided', async () => {
    await needs('forks', 'stamps')
    const { db, url } = await openRoom([user('a'), user('b'), user('c'), user('d'), user('e')])
    const branch = await forkOf(db)
    for (const id of ['a', 'b', 'c', 'd']) {
      await rename(branch, id, `theirs ${id}`)
      await rename(db, id, `ours ${id}`)
    }
    await rename(branch, 'e', 'theirs e')
    // The same on both sides is none.
    await rename(db, 'd', 'theirs d')
    const before = (await logOf(url)).length
    const result = await db.merge(branch)
    expect(result.type === 'conflicts' && result.conflicts.map(({ key }) => key)).toEqual(['a', 'b', 'c'])
    expect((await logOf(url)).length).toBe(before)
    await expect(
      db.merge(branch, { resolve: () => ({ row: { id: 'a', wrong: true } }) }),
    ).rejects.toMatchObject({ code: 'invalid-write' })
    const merged = await db.merge(branch, {
      resolve: ({ key, ours, theirs }) => {
        if (key === 'a') return 'ours'
        if (key === 'b') return 'theirs'
        return {
          row: { id: key, name: `${(ours as { name: string }).name}, ${(theirs as { name: string }).name}` },
        }
      },
    })
    expect(merged).toMatchObject({
      type: 'merged',
      rows: 3,
      conflicts: [{ key: 'a' }, { key: 'b' }, { key: 'c' }],
    })
    expect(db.collections.users.toArray.map(({ name }) => name).sort()).toEqual([
      'ours a',
      'ours c, theirs c',
      'theirs b',
      'theirs d',
      'theirs e',
    ])
  })

  test('[H9] [H10] whatever both did since, merged twice: each row is what one of them made it, or what was decided', async () => {
    await needs('forks', 'stamps')
    const edits = fc.array(
      fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('x', 'y', undefined)),
      {
        maxLength: 5,
      },
    )
    const keys = ['a', 'b', 'c']
    const kit = await roomServer()
    const event = ([id, name]: readonly [string, string | undefined]): unknown =>
      name === undefined ? room.users.delete({ key: id }) : user(id, name)
    await fc.assert(
      fc.asyncProperty(
        edits,
        edits,
        edits,
        fc.constantFrom('ours', 'theirs'),
        async (mine, first, second, winner) => {
          const { db, url } = await openRoom(keys.map((id) => user(id, 'base')))
          const branch = await forkOf(db)
          const model = new Map(keys.map((id) => [id, 'base']))
          const theirs = new Map(model)
          let base = new Map(model)
          const edit = async (to: Map<string, string>, at: string, list: typeof mine): Promise<void> => {
            for (const each of list) {
              await kit.appendItems(at, [event(each)])
              if (each[1] === undefined) to.delete(each[0])
              else to.set(each[0], each[1])
            }
          }
          await edit(model, url, mine)
          for (const list of [first, second]) {
            await edit(theirs, branch.stream.url, list)
            const before = new Map(model)
            for (const key of ['a', 'b', 'c', 'd']) {
              const [was, our, their] = [base.get(key), before.get(key), theirs.get(key)]
              // What ours was at the last merge counts for ours; nothing of it changed since the first.
              const isOurs = list === first && our !== was
              if (their === was || (isOurs && winner === 'ours')) continue
              if (their === undefined) model.delete(key)
              else model.set(key, their)
            }
            await db.merge(branch, { resolve: winner })
            await db.merge(branch, { resolve: winner })
            const shown = new Map(db.collections.users.toArray.map(({ id, name }) => [id, name]))
            const written = (await logOf(url)).some(({ headers }) => headers.txid?.startsWith('merge:'))
            expect(new Map([...shown].sort())).toEqual(new Map([...model].sort()))
            // Where nothing was written, the next one compares with the fork again.
            if (!written) return
            base = new Map(theirs)
          }
          await branch.discard()
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 8) },
    )
  })

  test('[H8] at an older offset, at a time, and a fork of a fork; a branch of another database is refused', async () => {
    await needs('forks', 'stamps')
    const { db, append } = await openRoom([user('u1', 'Ada')])
    await db.preload()
    const { offset } = db
    await append(user('u1', 'Bo', 't1'), user('u2'))
    const branch = await forkOf(db, { at: offset, url: `${db.stream.url}-preview` })
    expect(branch.stream.url).toBe(`${db.stream.url}-preview`)
    expect(rowsOf(branch.collections.users)).toEqual({ u1: { id: 'u1', name: 'Ada' } })
    await branch.collections.users.insert({ id: 'u3', name: 'Cy' }).when('settled')
    const second = await forkOf(branch)
    await second.collections.users.insert({ id: 'u4', name: 'Di' }).when('settled')
    await expect(db.merge(second)).rejects.toMatchObject({ code: 'invalid-options' })
    expect(await branch.merge(second)).toMatchObject({ type: 'merged', rows: 1 })
    expect(await db.merge(branch)).toMatchObject({ type: 'merged', rows: 2, conflicts: [] })
    expect([...db.collections.users.keys()].sort()).toEqual(['u1', 'u2', 'u3', 'u4'])
    // The same branch, opened again, and one at a time before all that.
    const again = await forkOf(db, { at: offset, url: branch.stream.url })
    expect(rowsOf(again.collections.users)).toEqual(rowsOf(branch.collections.users))
    expect(await db.merge(again)).toEqual({ type: 'unchanged' })
    const early = await forkOf(db, { at: { time: Date.now() - 3_600_000 } })
    expect(early.collections.users.get('u1')?.name).toBe('Bo')
    const past = db.at(offset)
    onTestFinished(() => past.close())
    const fromPast = await forkOf(past)
    expect(fromPast.forkedFrom.offset).toBe(offset)
    await expect(past.merge(fromPast)).rejects.toMatchObject({ code: 'read-only' })
  })

  test('[H8] a branch begins with the snapshots of its source that lie before the fork', async () => {
    await needs('forks', 'stamps')
    const { db, url, proxy } = await openProxied({ items: [user('u1'), user('u2')], snapshots: true })
    const direct = { source: url }
    // A snapshot is compared with the append before its end.
    for (const name of ['one', 'two', 'three']) await rename(db, 'u1', name)
    await compactStream(direct)
    await rename(db, 'u1', 'Ada')
    const branch = await forkOf(db)
    await rename(db, 'u2', 'later')
    await compactStream(direct)
    const seen = proxy.requests.length
    const again = await forkOf(db, { url: branch.stream.url, at: branch.forkedFrom.offset })
    expect(again.collections.users.toArray.map(({ name }) => name).sort()).toEqual(['Ada', 'name of u2'])
    const read = proxy.requests.slice(seen).filter(({ method }) => method === 'GET')
    const own = new URL(branch.stream.url).pathname
    expect(
      read.filter(({ url: at }) => at.pathname === own && at.searchParams.get('offset') === '-1'),
    ).toEqual([])
    expect(read.filter(({ url: at }) => at.pathname.includes('.snapshots.')).length).toBe(1)
  })

  test('[H11] a fork that the server refuses is told by its code', async () => {
    await needs('forks')
    const { db } = await openRoom([user('u1')])
    await expect(db.fork({ at: '9'.repeat(16) + '_' + '9'.repeat(16) })).rejects.toMatchObject({
      code: 'offset-invalid',
      status: 400,
    })
    const { url } = await openRoom([user('other')])
    await expect(db.fork({ url })).rejects.toMatchObject({ code: 'fork-failed', status: 409 })
  })

  test('[H11] [EN8] what the server does not do is told by its code', async () => {
    const { db, url } = await openRoom([user('u1')])
    await expect(db.fork({ url: 'http://elsewhere.test/x' })).rejects.toMatchObject({
      code: 'invalid-options',
    })
    // A server that knows no forks creates a stream like any other, and is asked for no more than that.
    const script = await startScriptedServer(({ method, path }, reply) => {
      const nextOffset = path.startsWith('/s-branch') ? '0' : '5'
      reply.page({ status: method === 'PUT' ? 201 : 200, nextOffset, upToDate: true })
    })
    onTestFinished(() => script.close())
    const plain = createStreamDB({
      streamOptions: { url: `${script.url}/s` },
      state: room,
      live: false,
      retry: quick,
    })
    onTestFinished(() => plain.close())
    await expect(plain.fork()).rejects.toMatchObject({ code: 'fork-unsupported' })
    const methods = script.requests.map(({ method }) => method).filter((method) => method !== 'GET')
    expect(methods).toEqual(['PUT', 'DELETE'])
    // The server of this run, where it knows none.
    if (!(await isCapable('forks'))) {
      const target = `${url}-branch`
      await expect(db.fork({ url: target })).rejects.toMatchObject({ code: 'fork-unsupported' })
      expect((await fetch(target)).status).toBe(404)
    }
    db.close()
    await expect(db.fork()).rejects.toMatchObject({ code: 'closed' })
  })

  test('[H9] an answer that is lost: the fork exists once, and so does what is merged', async () => {
    await needs('forks')
    const { db, url, proxy } = await openProxied({ items: [user('u1')] })
    proxy.fault({ kind: 'cut', after: 'nothing' }, { match: /^PUT/ })
    const branch = await forkOf(db)
    await rename(branch, 'u1', 'Ada')
    expect(await db.merge(branch)).toMatchObject({ type: 'merged', rows: 1 })
    expect((await logOf(url)).length).toBe(2)
  })
})

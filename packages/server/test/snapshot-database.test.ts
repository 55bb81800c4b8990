import { message, openRoom, quick, user } from '@streamdb/testkit/rooms'
import { eventually, needs } from '@streamdb/testkit'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createHttpSource, createSnapshotSource, openStream } from '@streamdb/log'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { compactStream } from '../src/index.ts'
import { createLog, put, rowsOf, stopKit, written } from './logs.ts'
import { startPagedServer } from './paged-server.ts'

afterAll(stopKit)

describe('createStreamDB({ snapshots: true })', () => {
  test('[N2] shows the rows of the snapshot and of the log behind it, as one publication', async () => {
    await needs('stamps')
    const log = await createLog([user('u1'), message('m1', 'u1')], [user('u2')])
    await log.compact()
    await log.append(message('m2', 'u2'), user('u1', 'renamed'))
    const { db } = await openRoom([], { url: log.url, snapshots: true, retry: quick })
    const sizes: number[] = []
    db.collections.users.subscribeChanges(() => void sizes.push(db.collections.users.size))
    await db.preload()
    expect(db.collections.users.toArray.map(({ name }) => name).sort()).toEqual(['name of u2', 'renamed'])
    expect(db.collections.messages.size).toBe(2)
    expect(sizes.filter((size) => size > 0 && size !== 2)).toEqual([])
    expect(db.issues).toMatchObject({ unknownTypes: new Map() })
    expect(log.requests()).not.toContain('GET -1')
    await log.append(user('u3'))
    await eventually(() => expect(db.collections.users.size).toBe(3))
  })

  test('[N6] a write whose transaction lies inside the snapshot is confirmed', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('x')])
    const { db } = await openRoom([], { url, retry: quick, snapshots: true, live: 'long-poll' })
    await db.preload()
    // The answer to the append is lost, the log is compacted, and its beginning is dropped: only the snapshot has it.
    let isCut = false
    server.intercept = ({ method, path, headers }, reply) => {
      if (isCut && headers['x-of'] === undefined && path === '/log' && method !== 'HEAD') {
        reply.destroy()
        return true
      }
      return false
    }
    const transaction = db.transact(() => db.collections.users.insert({ id: 'u1', name: 'Ada' }))
    await eventually(() => expect(server.streams.get('/log')?.appends).toHaveLength(2))
    isCut = true
    const source = { url, headers: { 'x-of': 'compactor' } }
    expect(written(await compactStream({ source })).rows).toBe(2)
    server.append('/log', put('y'))
    server.trim('/log', 2)
    isCut = false
    await transaction.when('settled')
    expect(db.collections.users.get('u1')).toMatchObject({ name: 'Ada' })
    await eventually(() => expect(db.pendingWrites).toEqual([]))
  })

  test('[N13] a database that was away while its log was cut begins with the newest snapshot, in one change', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [user('u1'), user('u2')])
    const { db } = await openRoom([], { url, retry: quick, snapshots: true, live: 'long-poll' })
    const restarts: string[] = []
    db.observe({ onRestart: (why) => void restarts.push(why) })
    await db.preload()
    const sizes: number[] = []
    db.collections.users.subscribeChanges(() => void sizes.push(db.collections.users.size))
    server.intercept = ({ path, headers }, reply) => {
      if (path !== '/log' || headers['x-of'] !== undefined) return false
      reply.destroy()
      return true
    }
    server.append('/log', { type: 'user', key: 'u2', headers: { operation: 'delete' } })
    server.append('/log', user('u3'), user('u4'))
    await compactStream({ source: { url, headers: { 'x-of': 'compactor' } } })
    server.trim('/log', 3)
    server.intercept = () => false
    await eventually(() => expect(db.collections.users.size).toBe(3))
    expect(restarts).toEqual(['stream-gone'])
    expect(new Set(sizes.filter((size) => size !== 2))).toEqual(new Set([3]))
  })

  test('options of the wrong kind are refused', async () => {
    const refused = { code: 'invalid-options' }
    // @ts-expect-error no kind of snapshots
    await expect(openRoom([], { snapshots: 'yes' })).rejects.toMatchObject(refused)
    // @ts-expect-error no URL
    await expect(openRoom([], { snapshots: { index: 7 } })).rejects.toMatchObject(refused)
    await expect(openRoom([], { snapshots: { index: 'http://' } })).rejects.toMatchObject(refused)
    // @ts-expect-error no such option
    await expect(openRoom([], { snapshots: { indx: './index' } })).rejects.toThrow('Did you mean "index"?')
  })
})

describe('credentials', () => {
  test('[N18] headers and parameters go to the origin of the log, and to no other', async () => {
    const other = await startPagedServer()
    const server = await startPagedServer()
    const url = `${server.create('/log', [put('a')], [put('b')])}?tenant=7`
    const headers = { authorization: () => 'Bearer secret' }
    const source = { url, headers, params: { key: 'k' } }
    const here = written(await compactStream({ source }))
    await rowsOf({ ...source, snapshots: true })
    const paths = new Set(server.requests.map(({ path }) => path))
    expect(paths).toContain(new URL(here.url).pathname)
    for (const { headers: sent, query } of server.requests) {
      expect(sent.authorization).toBe('Bearer secret')
      expect(Object.fromEntries(query)).toMatchObject({ tenant: '7', key: 'k' })
    }
    const index = `${other.url}/elsewhere`
    await compactStream({ source, index })
    expect(await rowsOf({ ...source, snapshots: { index } })).toContain('name of a')
    expect(other.requests.length).toBeGreaterThan(3)
    for (const { headers: sent, query } of other.requests) {
      expect(sent.authorization).toBeUndefined()
      expect([...query.keys()].filter((name) => name !== 'offset')).toEqual([])
    }
  })

  test('[N18] a handle of the application gives its headers to the snapshots as well', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')])
    await compactStream({ source: url })
    const before = server.requests.length
    const { stream } = openStream({
      url,
      headers: { authorization: () => 'Bearer secret' },
      warnOnHttp: false,
    })
    const source = createSnapshotSource(createHttpSource({ stream, live: false }), { stream })
    expect(await rowsOf({ source })).toContain('name of b')
    const since = server.requests.slice(before)
    expect(since.map(({ headers }) => headers.authorization)).toEqual(since.map(() => 'Bearer secret'))
    expect(since.map(({ path, offset }) => `${path} ${offset}`)).not.toContain('/log -1')
  })

  test('[N18] refused credentials are asked for again', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')])
    await compactStream({ source: url })
    const before = server.requests.length
    let token = 0
    server.intercept = ({ headers }, reply) => {
      if (headers.authorization !== undefined && headers.authorization !== 'token 1') return false
      reply.status(401)
      return true
    }
    const headers = { authorization: () => `token ${++token}` }
    expect(await rowsOf({ url, headers, snapshots: true })).toContain('name of a')
    const since = server.requests.slice(before).map(({ path, offset }) => `${path} ${offset}`)
    expect(since).not.toContain('/log -1')
  })
})

describe('a cache in front of the server', () => {
  test('[N19] the second reader takes the snapshot and the full pages of the log from the cache', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')], [put('c')])
    await compactStream({ source: url, maxBody: 1, pageRows: 1 })
    server.append('/log', put('d'))
    server.append('/log', put('e'))
    const cache = await startCache(server.url)
    const cached = `${cache.url}/log`
    const first = await rowsOf({ url: cached, snapshots: true })
    const reads = (): string[] =>
      server.requests.filter(({ method }) => method === 'GET').map(({ path, offset }) => `${path} ${offset}`)
    const before = reads().length
    expect(await rowsOf({ url: cached, snapshots: true })).toBe(first)
    // The end of the index is asked for again, as a snapshot may be newer, and so is the end of the log.
    expect(reads().slice(before)).toEqual(['/log.snapshots 00000001', '/log 00000004'])
    // One page of the index, three of the snapshot, two of the log.
    expect(cache.hits).toBe(6)
  })
})

/**
 * Starts a cache as docs/snapshots.md describes one: it keeps what can never change, which is a response to a plain GET
 * that ends before the end of its stream, or at the end of a closed one.
 */
async function startCache(origin: string): Promise<{ readonly url: string; readonly hits: number }> {
  const kept = new Map<string, { readonly headers: [string, string][]; readonly body: string }>()
  let hits = 0
  const server = createServer((request, response) => {
    void (async () => {
      const path = request.url ?? '/'
      const hit = request.method === 'GET' ? kept.get(path) : undefined
      if (hit) {
        hits++
        response.writeHead(200, Object.fromEntries(hit.headers)).end(hit.body)
        return
      }
      const answer = await fetch(new URL(path, origin), { method: request.method ?? 'GET' })
      const body = await answer.text()
      const names = [
        'content-type',
        'stream-next-offset',
        'stream-up-to-date',
        'stream-closed',
        'stream-incarnation',
      ]
      const headers = [...answer.headers].filter(([name]) => names.includes(name))
      const isFinal = !answer.headers.has('stream-up-to-date') || answer.headers.has('stream-closed')
      if (request.method === 'GET' && answer.status === 200 && isFinal) kept.set(path, { headers, body })
      response.writeHead(answer.status, Object.fromEntries(headers)).end(body)
    })()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo // a server on a TCP port has an address of this shape
  return {
    url: `http://127.0.0.1:${port}`,
    get hits() {
      return hits
    },
  }
}

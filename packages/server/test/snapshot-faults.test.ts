import { createHttpSource, createSnapshotSource, defaultTimes, materialize, openStream } from '@streamdb/log'
import type { Batch, ConnectionEvent, RestartReason } from '@streamdb/log'
import { eventually, needs, rereads } from '@streamdb/testkit'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { compactStream } from '../src/index.ts'
import { control, createLog, kit, put, quick, readAll, remove, rowsOf, stopKit, written } from './logs.ts'
import { startPagedServer } from './paged-server.ts'

afterAll(stopKit)

const snapshots = true

/** The names of a log's users, as a reader sees them that begins with a snapshot. */
async function users(url: string): Promise<string[]> {
  const { state } = await materialize({ url, snapshots, retry: quick })
  return [...state.getType('user').keys()]
}

describe('a snapshot that cannot be used', () => {
  test('[N8] torn: not closed, the one before is read', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')])
    await compactStream({ source: url })
    server.append('/log', put('c'), put('d'))
    const { url: torn } = written(await compactStream({ source: url, maxBody: 1, pageRows: 1 }))
    const stream = server.streams.get(new URL(torn).pathname)
    expect(stream?.appends).toHaveLength(4)
    if (stream) stream.isClosed = false
    stream?.appends.pop()
    server.append('/log', put('e'))
    expect(await users(url)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(server.requests.filter(({ offset, path }) => path === '/log' && offset === '-1')).toHaveLength(1)
  })

  test.each([
    ['a row is missing', (items: unknown[]) => items.filter((_, index) => index !== 1)],
    ['its end is missing', (items: unknown[]) => items.slice(0, -1)],
    ['its head is missing', (items: unknown[]) => items.slice(1)],
    ['it holds no rows', (items: unknown[]) => [items[0], 7, items.at(-1)]],
    ['it resets', (items: unknown[]) => [items[0], control('reset'), ...items.slice(2)]],
    ['it goes on behind its end', (items: unknown[]) => [...items, put('z')]],
    [
      'it is of another offset',
      (items: unknown[]) => JSON.parse(JSON.stringify(items).replaceAll('00000001', '00000002')) as unknown[],
    ],
    [
      'it is of a newer format',
      (items: unknown[]) =>
        JSON.parse(JSON.stringify(items).replace('"format":1', '"format":2')) as unknown[],
    ],
    ['it is empty', () => []],
  ])('[N8] damaged (%s): the log is read', async (_, damage) => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a'), put('b')])
    const { url: damaged } = written(await compactStream({ source: url }))
    const stream = server.streams.get(new URL(damaged).pathname)
    const items = JSON.parse(`[${stream?.appends[0]}]`) as unknown[]
    stream?.appends.splice(0, 1, JSON.stringify(damage(items)).slice(1, -1))
    expect(await users(url)).toEqual(['a', 'b'])
  })

  test.each([undefined, { last: 1, of: ['user'], whole: [] } as const])(
    '[N8] leads on and on with nothing (newest first: %j): the log is read',
    async (newest) => {
      const server = await startPagedServer()
      const url = server.create('/log', [put('a'), put('b'), put('c')])
      await compactStream({ source: url, maxBody: 1, pageRows: 1 })
      let asked = 0
      server.intercept = ({ path, method }, reply) => {
        if (method !== 'GET' || !path.startsWith('/log.snapshots.')) return false
        const headers = { 'content-type': 'application/json', 'Stream-Next-Offset': `page-${++asked}` }
        reply.status(200, { headers, body: '[]' })
        return true
      }
      const { stream } = openStream({ url })
      const http = createHttpSource({ stream, live: false })
      const source = createSnapshotSource(http, { stream, newest: () => newest })
      const reads = await readAll({ url, source })
      expect(reads.filter(({ type }) => type === 'event')).toHaveLength(3)
      expect(asked).toBeLessThan(100)
    },
  )

  test('[N9] deleted in the middle: what was read of it is void, and the newest one is looked for again', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a'), put('b'), put('c')])
    const { url: old } = written(await compactStream({ source: url, maxBody: 1, pageRows: 1 }))
    server.append('/log', put('d'), remove('a'))
    let pages = 0
    server.intercept = ({ path, method }) => {
      if (method !== 'GET' || !path.startsWith('/log.snapshots.')) return false
      // Between the first page and the second another compactor writes a snapshot, and deletes this one.
      if (path === new URL(old).pathname && ++pages === 2) {
        server.streams.delete(path)
        server.create('/log.snapshots.newer', [
          { headers: { control: 'snapshot-start', snapshot: { format: 1, offset: '00000002' } } },
          ...['b', 'c', 'd'].map((key) => put(key, { name: 'new' }, { headers: { operation: 'insert' } })),
          { headers: { control: 'snapshot-end', snapshot: { rows: 3 } } },
        ])
        const newer = server.streams.get('/log.snapshots.newer')
        if (newer) newer.isClosed = true
        const entry = {
          format: 1,
          url: 'log.snapshots.newer',
          offset: '00000002',
          rows: 3,
          bytes: 1,
          types: {},
        }
        const value = { ...entry, pages: [], madeAt: '2026-01-01T00:00:00Z' }
        server.append('/log.snapshots', {
          type: 'snapshot',
          key: 'newer',
          value,
          headers: { operation: 'upsert' },
        })
      }
      return false
    }
    const reads = await readAll({ url, snapshots })
    expect(reads.filter(({ type }) => type === 'restart')).toEqual([
      { type: 'restart', why: 'snapshot-lost' },
    ])
    server.intercept = () => false
    expect(await users(url)).toEqual(['b', 'c', 'd'])
    expect(server.requests.filter(({ offset, path }) => path === '/log' && offset === '-1')).toHaveLength(1)
  })

  test('[N9] deleted before it is read: the one before, else the log', async () => {
    await needs('stamps')
    const log = await createLog([put('x')], [put('a')])
    const first = written(await log.compact())
    await log.append(put('b'))
    const second = written(await log.compact())
    const streams = await kit()
    await streams.deleteStream(second.url)
    expect(await rowsOf({ url: log.url, snapshots })).toBe(await rowsOf({ url: log.direct }))
    expect(log.requests()).not.toContain('GET -1')
    await streams.deleteStream(first.url)
    expect(await rowsOf({ url: log.url, snapshots })).toBe(await rowsOf({ url: log.direct }))
    expect(log.requests()).toContain('GET -1')
  })
})

describe('a broken index', () => {
  const answers: [string, { status?: number; body?: string; headers?: Record<string, string> }][] = [
    ['no JSON', { body: 'oops' }],
    ['a page of HTML', { body: '<html></html>', headers: { 'content-type': 'text/html' } }],
    ['other JSON', { body: '{"type":"snapshot"}' }],
    [
      'entries without sense',
      {
        body: JSON.stringify([
          put('x'),
          { type: 'snapshot', key: 'k', value: { url: 7 }, headers: { operation: 'upsert' } },
        ]),
      },
    ],
    [
      'a newer format',
      {
        body: JSON.stringify([
          { type: 'snapshot', key: 'k', value: { format: 9 }, headers: { operation: 'upsert' } },
        ]),
      },
    ],
    ['a refusal', { status: 403 }],
    ['no such path', { status: 400 }],
    ['an error that stays', { status: 500 }],
    ['a redirect to nowhere', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }],
  ]
  test.each(answers)('[N10] %s: the log is read', async (_, fault) => {
    const log = await createLog([put('a'), put('b')])
    await log.compact()
    const headers = {
      'stream-next-offset': '1',
      'stream-up-to-date': 'true',
      'content-type': 'application/json',
    }
    log.proxy.fault(
      { kind: 'answer', ...fault, headers: { ...headers, ...fault.headers } },
      { times: Infinity, match: /\.snapshots\?/ },
    )
    expect(await rowsOf({ url: log.url, snapshots })).toBe(await rowsOf({ url: log.direct }))
  })

  test('[N10] what fails for a while is tried again, and the snapshot is used', async () => {
    await needs('stamps')
    const log = await createLog([put('a')], [put('b')])
    await log.compact()
    log.proxy.fault({ kind: 'answer', status: 503 }, { match: /\.snapshots\?/ })
    log.proxy.fault({ kind: 'drop' }, { match: /\.snapshots\./ })
    log.proxy.fault({ kind: 'cut', after: 40 }, { match: /\.snapshots\./ })
    expect(await rowsOf({ url: log.url, snapshots })).toBe(await rowsOf({ url: log.direct }))
    expect(log.requests()).not.toContain('GET -1')
  })

  test('[N10] while neither the index nor the log can be read, both are tried: the snapshot is used in the end', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')])
    await compactStream({ source: url })
    let failures = 12
    server.intercept = (_, reply) => {
      if (failures-- <= 0) return false
      reply.status(503)
      return true
    }
    expect(await users(url)).toEqual(['a', 'b'])
    expect(failures).toBeLessThan(0)
    expect(server.requests.filter(({ path }) => path.startsWith('/log.snapshots.')).length).toBeGreaterThan(0)
  })
})

describe('a network that is down for a while', () => {
  test.each([
    ['from the start', 0],
    ['in the middle of the snapshot', 40],
  ])('[N10] %s: the snapshot is read, and the log behind it', async (_, after) => {
    await needs('stamps')
    const log = await createLog([put('a')], [put('b')])
    await log.compact()
    await log.append(put('c'))
    log.requests()
    if (after > 0) {
      log.proxy.fault({ kind: 'cut', after }, { match: /\.snapshots\./ })
      log.proxy.fault({ kind: 'drop' }, { times: 10, match: /\.snapshots\.|stream-\d+\?/ })
    } else log.proxy.fault({ kind: 'drop' }, { times: 9 })
    expect(await rowsOf({ url: log.url, snapshots })).toBe(await rowsOf({ url: log.direct }))
    const requests = log.requests()
    expect(requests.filter((request) => request === 'GET -1').length).toBeGreaterThan(0)
    expect(requests.at(-1)).toMatch(/^GET (0|now)/)
  })

  test.each([1, 3])(
    '[N10] it is given up after %d retries, with the error of the log',
    async (maxRetries) => {
      const log = await createLog([put('a')])
      await log.compact()
      log.proxy.fault({ kind: 'answer', status: 503 }, { times: Infinity })
      const reading = materialize({ url: log.url, snapshots, retry: { ...quick, maxRetries } })
      await expect(reading).rejects.toMatchObject({ code: 'unreachable', status: 503 })
      expect(log.requests().filter((request) => request === 'GET -1')).toHaveLength(maxRetries + 1)
      await log.proxy.heal()
      expect(await rowsOf({ url: log.url, snapshots })).toContain('name of a')
    },
  )
})

describe('a log that is another one', () => {
  test('[N11] made anew under the same URL, and longer: its events before the offset differ', async () => {
    const server = await startPagedServer({ incarnations: false })
    const url = server.create('/log', [put('a')], [put('b')])
    expect(written(await compactStream({ source: url })).overlap).toMatchObject({ items: 1 })
    server.create('/log', [put('x')], [put('y')], [put('z')])
    const reads = await readAll({ url, snapshots })
    expect(reads.filter(({ type }) => type === 'restart')).toEqual([
      { type: 'restart', why: 'snapshot-lost' },
    ])
    expect(await users(url)).toEqual(['x', 'y', 'z'])
  })

  test('[N11] made anew, on a server that counts incarnations: they differ', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')])
    expect(written(await compactStream({ source: url })).streamId).toBe('1')
    // The same events: only the incarnation says that it is another log.
    server.create('/log', [put('a')], [put('b')], [put('c')])
    const reads = await readAll({ url, snapshots })
    expect(reads.filter(({ type }) => type === 'restart')).toEqual([
      { type: 'restart', why: 'stream-replaced' },
    ])
    expect(await users(url)).toEqual(['a', 'b', 'c'])
  })

  test('[N12] a snapshot ahead of a log that was restored shorter: the one before is read, and the compactor removes it', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')])
    const first = written(await compactStream({ source: url }))
    server.append('/log', put('b'))
    server.append('/log', put('c'))
    const ahead = written(await compactStream({ source: url }))
    server.streams.get('/log')?.appends.splice(1)
    expect(await users(url)).toEqual(['a'])
    server.append('/log', put('d'))
    expect(await users(url)).toEqual(['a', 'd'])
    const compaction = await compactStream({ source: url, grace: 0, keep: 1 })
    expect(written(compaction).rows).toBe(2)
    expect([...compaction.deleted].sort()).toEqual([first.url, ahead.url].sort())
  })
})

describe('a log whose beginning is gone', () => {
  test('[N13] 410: a new reader begins with the newest snapshot, and one that was behind too', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')], [put('c')])
    await compactStream({ source: url })
    server.append('/log', put('d'))
    server.trim('/log', 2)
    expect(await users(url)).toEqual(['a', 'b', 'c', 'd'])
    const reads = await readAll({ url, snapshots, from: { offset: '00000001' } })
    expect(reads[0]).toEqual({ type: 'restart', why: 'stream-gone' })
    expect(reads.at(-1)).toMatchObject({ type: 'checkpoint', checkpoint: { offset: '00000004' } })
    expect(
      reads.flatMap((read) => (read.type === 'event' && 'key' in read.event ? [read.event.key] : [])),
    ).toEqual(['a', 'b', 'c', 'd'])
  })

  test('[N13] all before the snapshot is gone, the events to compare too: it is used all the same', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')], [put('c')])
    await compactStream({ source: url })
    server.trim('/log', 3)
    server.append('/log', put('d'))
    const reads = await readAll({ url, snapshots })
    expect(reads.filter(({ type }) => type === 'restart')).toEqual([])
    expect(await users(url)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('[N13] the same where what is to be compared began with the log', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a'), put('b'), put('c')])
    expect(written(await compactStream({ source: url })).overlap?.offset).toBe('-1')
    server.trim('/log', 1)
    server.append('/log', put('d'))
    const reads = await readAll({ url, snapshots })
    expect(reads.filter(({ type }) => type === 'restart')).toEqual([])
    expect(await users(url)).toEqual(['a', 'b', 'c', 'd'])
    expect(written(await compactStream({ source: url })).rows).toBe(4)
  })

  test('[N13] 410, and the index cannot be read for a while: it is asked again', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')], [put('c')])
    await compactStream({ source: url })
    server.trim('/log', 2)
    let failures = 6
    server.intercept = ({ path }, reply) => {
      if (path !== '/log.snapshots' || failures-- <= 0) return false
      reply.status(503)
      return true
    }
    expect(await users(url)).toEqual(['a', 'b', 'c'])
  })

  test('[N13] 410 and no snapshot: reading fails, and says so', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')], [put('b')])
    server.trim('/log', 1)
    await expect(users(url)).rejects.toMatchObject({ code: 'stream-not-found', status: 410 })
  })

  test('[N13] a live reader whose stream goes back begins with the newest snapshot again', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a')])
    await compactStream({ source: url })
    server.append('/log', put('b'))
    const reader = follow(url)
    await eventually(() => expect(reader.keys).toEqual(['a', 'b']))
    server.streams.get('/log')?.appends.splice(1, 1, JSON.stringify(put('c')))
    const stream = server.streams.get('/log')
    if (stream) server.streams.set('/log', { ...stream, incarnation: '99' })
    reader.source.verify('requested')
    await eventually(() => expect(reader.keys).toEqual(['a', 'c']))
    expect(reader.restarts[0]).toBe('stream-replaced')
  })
})

describe('where reading begins', () => {
  test('[N21] from a checkpoint the log alone is read', async () => {
    const log = await createLog([put('a')], [put('b')])
    const { offset } = written(await log.compact())
    const end = await log.append(put('c'))
    const reads = await readAll({ url: log.url, snapshots, from: { offset } })
    const again = await rereads()
    expect(reads.map(({ type }) => type)).toEqual(['event', 'checkpoint', ...Array(again).fill('checkpoint')])
    expect(log.requests()).toEqual([`GET ${offset}`, ...Array(again).fill(`GET ${end}`)])
  })

  test('[N21] stopped in the middle of a snapshot, it goes on there', async () => {
    const server = await startPagedServer()
    const url = server.create('/log', [put('a'), put('b'), put('c')])
    await compactStream({ source: url, maxBody: 1, pageRows: 1 })
    const reader = follow(url)
    await eventually(() => expect(reader.batches.length).toBeGreaterThan(0))
    reader.source.stop()
    reader.source.start(undefined, reader)
    await eventually(() => expect(reader.keys).toEqual(['a', 'b', 'c']))
    const pages = server.requests.filter(
      ({ path, method }) => path.startsWith('/log.snapshots.') && method === 'GET',
    )
    expect(pages.filter(({ offset }) => offset === '-1').length).toBeLessThanOrEqual(2)
    expect(reader.restarts).toEqual([])
  })

  test('[N13] restart() begins with the newest snapshot', async () => {
    await needs('stamps')
    const log = await createLog([put('a')])
    const reader = follow(log.url)
    await eventually(() => expect(reader.keys).toEqual(['a']))
    await log.append(put('b'))
    await log.compact()
    log.requests()
    reader.source.restart('requested')
    await eventually(() => expect(reader.keys).toEqual(['a', 'b']))
    expect(reader.restarts).toEqual(['requested'])
    expect(log.requests()).not.toContain('GET -1')
  })
})

/** Follows a log, by long-poll; stopped with the test. */
function follow(url: string) {
  const times = { ...defaultTimes, ...quick, idleTimeout: 200 }
  const { stream, streamOptions } = openStream({ url, warnOnHttp: false }, times)
  const log = createHttpSource({ stream, streamOptions, live: 'long-poll', times })
  const source = createSnapshotSource(log, { stream, streamOptions, times })
  onTestFinished(() => source.stop())
  const reader = {
    source,
    keys: [] as string[],
    batches: [] as Batch[],
    restarts: [] as RestartReason[],
    events: [] as ConnectionEvent['type'][],
    onBatch(batch: Batch) {
      reader.batches.push(batch)
      for (const item of batch.items) {
        const { key } = item as { key?: string } // an event of this file
        if (key !== undefined && !reader.keys.includes(key)) reader.keys.push(key)
      }
      return { type: 'continue' } as const
    },
    onSeekRefused: () => undefined,
    onRestart(why: RestartReason) {
      reader.restarts.push(why)
      reader.keys.length = 0
    },
    onConnection: ({ type }: ConnectionEvent) => void reader.events.push(type),
    ready: () => Promise.resolve(),
  }
  source.start(undefined, reader)
  return reader
}

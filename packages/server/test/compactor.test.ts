import { getEventListeners } from 'node:events'
import { foldIndex, snapshotIndexUrl } from '@streamdb/log'
import type { SnapshotEntry } from '@streamdb/log'
import { eventually, itemsOf, logOf, needs, startFaultProxy } from '@streamdb/testkit'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { compactStream, createCompactor } from '../src/index.ts'
import type { Compaction, CompactorOptions } from '../src/index.ts'
import { control, createLog, kit, put, readAll, remove, rowsOf, stopKit, written } from './logs.ts'
import { startPagedServer } from './paged-server.ts'

afterAll(stopKit)

/** What the index of a log says. */
async function indexOf(url: string): Promise<readonly SnapshotEntry[]> {
  return foldIndex(await logOf(snapshotIndexUrl(url)), snapshotIndexUrl(url)).entries
}

async function exists(url: string): Promise<boolean> {
  return (await fetch(url, { method: 'HEAD' })).ok
}

/** Starts a compactor; closed with the test. */
function start(options: CompactorOptions): {
  run: () => Promise<Compaction>
  seen: Compaction[]
  errors: unknown[]
} {
  const seen: Compaction[] = []
  const errors: unknown[] = []
  const compactor = createCompactor({
    ...options,
    onCompact: (compaction) => void seen.push(compaction),
    onError: (error) => void errors.push(error),
  })
  onTestFinished(() => compactor.close())
  return { run: compactor.run, seen, errors }
}

test('[F-life-8] a snapshot that was written leaves nothing on the signal of its compactor', async () => {
  const { direct } = await createLog([put('a', 1)])
  const { signal } = new AbortController()
  expect(await compactStream({ source: direct, signal })).toMatchObject({ type: 'written' })
  const compactor = createCompactor({ source: direct, signal })
  await compactor.run()
  await compactor.close()
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

describe('what a snapshot carries', () => {
  test('[N5] types without a schema, hostile names and any JSON come through as they are', async () => {
    const values = [
      null,
      0,
      '',
      [1, [2]],
      { deep: { ü: '😀', list: [null, true] } },
      JSON.parse('{"__proto__":1}'),
    ]
    const items = values.map((value, index) => ({
      ...{ type: index % 2 === 0 ? '__proto__' : 'unheard of', key: `constructor ${index}`, value },
      headers: { operation: 'insert', from: 'alice', schemaVersion: 3, txid: `tx ${index}` },
    }))
    const log = await createLog(items)
    const snapshot = written(await log.compact())
    expect(JSON.stringify(snapshot.types)).toBe('{"__proto__":3,"unheard of":3}')
    const rows = (await logOf(snapshot.url)).slice(1, -1)
    expect(rows.map(({ type, key, value }) => JSON.stringify({ type, key, value }))).toEqual(
      items.map(({ type, key, value }) => JSON.stringify({ type, key, value })),
    )
    // What the last writer said of the row stays; what it said of the change does not.
    expect(rows[0]?.headers).toMatchObject({ operation: 'insert', from: 'alice', schemaVersion: 3 })
    expect(rows[0]?.headers.txid).toBeUndefined()
    expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
  })

  test('[N5] rows come in the order of their first insertion, over all types', async () => {
    const log = await createLog(
      [put('a'), { ...Object(put('m')), type: 'message' }, put('b')],
      [
        put('a', { name: 'again' }),
        remove('b'),
        { ...Object(put('n')), type: 'message' },
        put('b'),
        put('c'),
      ],
    )
    const rows = await logOf(written(await log.compact()).url)
    expect(rows.slice(1, -1).map(({ key }) => key)).toEqual(['a', 'm', 'n', 'b', 'c'])
  })

  test('[N6] its head names the last transactions, a thousand at most, none of an open snapshot of the log', async () => {
    await needs('stamps')
    const transaction = (key: string, txid: string) =>
      put(key, {}, { headers: { operation: 'upsert', txid } })
    const many = Array.from({ length: 1_200 }, (_, index) => transaction('a', `tx-${index}`))
    const log = await createLog(many)
    await log.append(control('snapshot-start'), transaction('b', 'open'))
    const [head] = await logOf(written(await log.compact()).url)
    const txids = head?.headers['txids'] as string[] // written by the compactor
    expect(txids).toHaveLength(1000)
    expect(txids.at(-1)).toBe('tx-1199')
    expect(txids).not.toContain('open')
  })

  test('[N7] a large one is written page by page, and the index says where each begins', async () => {
    const items = Array.from({ length: 25 }, (_, index) => put(`user ${index}`))
    const log = await createLog(items)
    const snapshot = written(await log.compact({ maxBody: 800, pageRows: 10 }))
    expect(snapshot.pages.length).toBeGreaterThan(2)
    expect(snapshot.pages.reduce((sum, { rows }) => sum + rows, 0)).toBe(25)
    for (const page of snapshot.pages) expect(page.rows).toBeLessThanOrEqual(10)
    let rows = 25
    for (const { offset, rows: own } of snapshot.pages) {
      const response = await fetch(`${snapshot.url}?offset=${offset}`)
      const read = await itemsOf<{ key?: string }>(response) // events
      expect(read.filter(({ key }) => key !== undefined)).toHaveLength(rows)
      rows -= own
    }
    expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
  })
})

describe('compactStream', () => {
  test('[N20] reads the last snapshot and the log behind it, not the whole log', async () => {
    await needs('stamps')
    const log = await createLog([put('a')], [put('b')])
    const first = written(await log.compact())
    await log.append(put('c'))
    log.requests()
    const second = written(await log.compact({ source: log.url }))
    expect(second.rows).toBe(3)
    const reads = log.requests().filter((request) => request.startsWith('GET'))
    expect(reads).not.toContain('GET -1')
    expect(reads).toContain(`GET ${first.overlap?.offset}`)
  })

  test('[N20] writes none where too little was appended', async () => {
    const log = await createLog([put('a')], [put('b')])
    expect(await log.compact({ minEvents: 3 })).toMatchObject({ type: 'skipped', why: 'too-few-events' })
    await log.append(put('c'))
    expect((await log.compact({ minEvents: 3 })).type).toBe('written')
    expect(await log.compact()).toMatchObject({ type: 'skipped', why: 'too-few-events' })
    await log.append(put('d'))
    expect(await log.compact({ minEvents: 2 })).toMatchObject({ type: 'skipped' })
    const empty = await createLog()
    expect(await empty.compact()).toMatchObject({ type: 'skipped' })
    expect(await exists(snapshotIndexUrl(empty.direct))).toBe(false)
  })

  test('[N22] a snapshot that is open in the log: one is made of what lies before, where that is known', async () => {
    await needs('stamps')
    const log = await createLog([put('a'), put('b')])
    await log.append(control('snapshot-start'), put('z'))
    const before = written(await log.compact())
    expect(before.rows).toBe(2)
    await log.append(put('y'), control('snapshot-end'), put('x'))
    expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
    expect(written(await log.compact()).rows).toBe(3)
    const server = await startPagedServer()
    const url = server.create('/log', [put('a'), control('snapshot-start'), put('z')])
    expect(await compactStream({ source: url })).toMatchObject({ type: 'skipped', why: 'no-position' })
  })

  test('[N14] two at once: each writes one of its own, and either serves', async () => {
    const log = await createLog(Array.from({ length: 30 }, (_, index) => put(`user ${index}`)))
    const large = { maxBody: 500, pageRows: 5 }
    const runs = await Promise.all([log.compact(large), log.compact(large), log.compact()])
    const urls = runs.map((run) => written(run).url)
    expect(new Set(urls).size).toBe(3)
    expect((await indexOf(log.direct)).map(({ url }) => url).sort()).toEqual([...urls].sort())
    const streams = await kit()
    for (const url of urls) {
      expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
      await streams.deleteStream(url)
    }
  })

  test('[N15] a writer meanwhile: the snapshot ends where it was read to, and nothing is lost', async () => {
    const log = await createLog([put('a')])
    let isWriting = true
    let count = 0
    const writer = (async () => {
      while (isWriting) await log.append(put(`user ${count++ % 50}`), remove(`user ${(count * 7) % 50}`))
    })()
    for (let run = 0; run < 8; run++) {
      await log.compact({ grace: 0 })
      const reads = await readAll({ url: log.url, snapshots: true })
      expect(reads.filter(({ type }) => type === 'restart')).toEqual([])
    }
    isWriting = false
    await writer
    expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
  })

  test('[N16] old ones are deleted behind a grace, first the stream and then its entry', async () => {
    const log = await createLog([put('a')])
    const urls: string[] = []
    for (const key of ['b', 'c', 'd']) {
      urls.push(written(await log.compact()).url)
      await log.append(put(key))
    }
    // Within the grace all of them stay.
    expect(await indexOf(log.direct)).toHaveLength(3)
    const last = await log.compact({ grace: 0, keep: 2 })
    expect(last.deleted).toEqual([urls[1], urls[0]])
    expect((await indexOf(log.direct)).map(({ url }) => url)).toEqual([written(last).url, urls[2]])
    for (const [index, url] of urls.entries()) expect(await exists(url)).toBe(index === 2)
  })

  test('[N16] one that was never finished is deleted after an hour; an index that became long is written anew', async () => {
    const log = await createLog([put('a')])
    const index = snapshotIndexUrl(log.direct)
    await log.compact()
    const streams = await kit()
    const torn = await streams.createStream(`${new URL(index).pathname}.torn`, { items: [put('a')] })
    const begun = { type: 'snapshot-writing', key: 'torn', headers: { operation: 'upsert' } }
    const value = { url: torn, madeAt: new Date(Date.now() - 2 * 60 * 60_000).toISOString() }
    const other = { type: 'of-others', key: '1', value: 1, headers: { operation: 'upsert' } }
    const noise = Array.from({ length: 250 }, () => ({
      ...begun,
      key: 'gone',
      headers: { operation: 'delete' },
    }))
    await streams.appendItems(index, [{ ...begun, value }, other, ...noise])
    const { deleted } = await log.compact()
    expect(deleted).toEqual([torn])
    expect(await exists(torn)).toBe(false)
    const items = await logOf(index)
    expect(items.map(({ type }) => type).sort()).toEqual(['of-others', 'snapshot'])
    expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
  })

  test('[N16] an index that names other streams costs no stream but snapshots, and stops no run', async () => {
    const log = await createLog([put('a')], [put('b')])
    const index = snapshotIndexUrl(log.direct)
    await log.compact()
    const away = await startFaultProxy('http://127.0.0.1:1')
    onTestFinished(() => away.close())
    const old = {
      format: 1,
      offset: '0',
      rows: 1,
      bytes: 1,
      pages: [],
      types: {},
      madeAt: '2020-01-01T00:00:00Z',
    }
    const there = snapshotIndexUrl(log.url)
    const urls = [log.url, there, `${away.url}/elsewhere`, 'http://[', `${there}.refused`]
    const named = ['snapshot', 'snapshot-writing'].flatMap((type) =>
      urls.map((url) => ({ type, key: url, value: { ...old, url }, headers: { operation: 'upsert' } })),
    )
    await (await kit()).appendItems(index, named)
    await log.append(put('c'))
    log.proxy.fault({ kind: 'answer', status: 403 }, { match: /^DELETE .*refused/, times: Infinity })
    const run = await log.compact({ source: log.url, grace: 0, keep: 1 })
    expect(run.type).toBe('written')
    expect(run.failed).toMatchObject([{ status: 403 }, { status: 403 }])
    expect(away.requests).toEqual([])
    expect(await exists(log.direct)).toBe(true)
    expect(await exists(index)).toBe(true)
    expect((await indexOf(log.direct)).map(({ url }) => url)).toHaveLength(2)
    expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
  })

  test.each(['stream-ttl', 'stream-expires-at'])(
    '[N23] what is made of a log lives as long: %s',
    async (name) => {
      const value = name === 'stream-ttl' ? '3600' : new Date(Date.now() + 3_600_000).toISOString()
      const server = await startPagedServer()
      const url = server.create('/log', [put('a')], [put('b')])
      const made: (string | undefined)[] = []
      const reached: typeof fetch = async (input, init) => {
        const headers = new Headers(init?.headers)
        if (init?.method === 'PUT') made.push(headers.get(name) ?? undefined)
        const answer = await fetch(input, init)
        return init?.method === 'HEAD' && String(input) === url
          ? new Response(null, { headers: [...answer.headers, [name, value]] })
          : answer
      }
      written(await compactStream({ source: { url, fetch: reached }, maxBody: 1, pageRows: 1 }))
      expect(made).toEqual([value, value])
    },
  )

  test('[N24] a server that takes small bodies alone: the next run begins with what it takes', async () => {
    const log = await createLog(Array.from({ length: 100 }, (_, index) => put(`user ${index}`)))
    const sent: number[] = []
    const small: typeof fetch = async (input, init) => {
      const size = typeof init?.body === 'string' ? init.body.length : 0
      if (/\.snapshots\./.test(String(input)) && size > 0) sent.push(size)
      return size > 3_000 ? new Response('too large', { status: 413 }) : fetch(input, init)
    }
    const compactor = createCompactor({
      source: { url: log.direct, fetch: small },
      minEvents: 1,
      every: Infinity,
    })
    onTestFinished(() => compactor.close())
    expect(written(await compactor.run()).rows).toBe(100)
    const refused = sent.filter((size) => size > 3_000).length
    expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
    // Nothing of the attempts is left.
    expect(foldIndex(await logOf(snapshotIndexUrl(log.direct)), log.direct).rows).toHaveLength(1)
    await log.append(put('b'))
    expect(written(await compactor.run()).rows).toBe(101)
    expect(sent.filter((size) => size > 3_000)).toHaveLength(refused)
    await expect(
      compactStream({
        source: { url: log.direct, fetch: () => Promise.resolve(new Response('', { status: 413 })) },
      }),
    ).rejects.toMatchObject({ status: 413 })
  })

  test('[N14] an append whose answer is lost is stored once', async () => {
    const log = await createLog(Array.from({ length: 12 }, (_, index) => put(`user ${index}`)))
    log.proxy.fault({ kind: 'cut', after: 'nothing' }, { match: /^(PUT|POST) .*\.snapshots\./, times: 2 })
    log.proxy.fault({ kind: 'answer', status: 503 }, { match: /^POST .*\.snapshots\./ })
    const snapshot = written(await log.compact({ source: log.url, maxBody: 300, pageRows: 4 }))
    expect(snapshot.rows).toBe(12)
    expect(await logOf(snapshot.url)).toHaveLength(14)
    expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
    expect(log.requests()).not.toContain('GET -1 (log)')
  })

  test('[N17] a fork reads the snapshots of its source up to the fork, and none behind it', async () => {
    await needs('forks')
    const log = await createLog([put('a')], [put('b')])
    const shared = written(await log.compact())
    const at = await log.append(put('c'))
    await log.append(put('only in the source'))
    await log.compact()
    const fork = `${log.direct}-fork`
    const headers = { 'stream-forked-from': new URL(log.direct).pathname, 'stream-fork-offset': at }
    expect((await fetch(fork, { method: 'PUT', headers })).status).toBe(201)
    await (await kit()).appendItems(fork, [put('only in the fork')])
    // The reference server does not say what a stream was forked from.
    const run = await compactStream({
      source: `${fork}?token=secret`,
      forkedFrom: { url: `${log.direct}?token=secret`, offset: at },
      minEvents: 100,
    })
    expect(run.type).toBe('skipped')
    // Relative, and without a credential.
    const index = `.${new URL(log.direct).pathname}.snapshots`
    expect(await logOf(snapshotIndexUrl(fork))).toMatchObject([{ value: { index, offset: at } }])
    const url = log.proxy.through(fork)
    log.requests()
    const rows = await rowsOf({ url, snapshots: true })
    expect(rows).toBe(await rowsOf({ url: fork }))
    expect(rows).toContain('only in the fork')
    expect(rows).not.toContain('only in the source')
    const reads = await readAll({ url: fork, snapshots: true })
    expect(reads[0]).toMatchObject({ event: { headers: { snapshot: { offset: shared.offset } } } })
    // Without a record in its own index the application can say the same.
    const snapshots = { index: snapshotIndexUrl(log.direct), until: at }
    expect(await readAll({ url: fork, snapshots })).toEqual(reads)
  })

  test('[N17] where the server says what a stream was forked from, nobody else has to', async () => {
    const server = await startPagedServer({ incarnations: false })
    const url = server.create('/log', [put('a')], [put('b')])
    const { offset } = written(await compactStream({ source: url }))
    const fork = server.create('/fork', [put('a')], [put('b')], [put('c')])
    server.intercept = ({ path, method }, reply) => {
      if (path !== '/fork' || method !== 'HEAD') return false
      const headers = {
        'stream-forked-from': '/log',
        'stream-fork-offset': offset,
        'stream-next-offset': '00000003',
      }
      reply.status(200, { headers })
      return true
    }
    await compactStream({ source: fork, minEvents: 100 })
    const reads = await readAll({ url: fork, snapshots: true })
    expect(reads[0]).toMatchObject({ event: { headers: { snapshot: { offset } } } })
  })

  test.each([
    [{ keep: 0 }, 'keep'],
    [{ maxBody: Number.NaN }, 'maxBody'],
    [{ grace: -1 }, 'grace'],
    [{ keep: 1.5 }, 'keep'],
  ])('refuses %j', async (options, name) => {
    await expect(
      (async () => compactStream({ source: 'http://127.0.0.1:1/log', ...options }))(),
    ).rejects.toMatchObject({
      code: 'invalid-options',
      message: expect.stringContaining(name) as unknown,
    })
  })
})

describe('createCompactor', () => {
  test('[N20] runs at once and again and again, and reads between only what was appended', async () => {
    const log = await createLog([put('a')], [put('b')])
    const { seen } = start({ source: log.url, every: 5, minEvents: 2 })
    await eventually(() => expect(seen.length).toBeGreaterThan(1))
    log.requests()
    await log.append(put('c'), put('d'))
    await eventually(() => expect(seen.filter(({ type }) => type === 'written')).toHaveLength(2))
    const snapshotReads = log.requests().filter((request) => request.startsWith('GET (snapshot)'))
    expect(snapshotReads).toEqual([])
    expect(await rowsOf({ url: log.url, snapshots: true })).toBe(await rowsOf({ url: log.direct }))
  })

  test('[N20] a run that fails is told of, and the next one is tried', async () => {
    const log = await createLog([put('a')])
    log.proxy.fault({ kind: 'answer', status: 403 }, { times: 1 })
    const { seen, errors } = start({ source: log.url, every: 5, minEvents: 1 })
    await eventually(() => expect(seen.some(({ type }) => type === 'written')).toBe(true))
    expect(errors).toMatchObject([{ code: 'unauthorized', status: 403 }])
  })

  test('[N20] what a callback throws is thrown in a task of its own, and the compactor goes on', async () => {
    const thrown: unknown[] = []
    const note = (error: unknown): void => void thrown.push(error)
    const before = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', note)
    onTestFinished(() => {
      process.off('uncaughtException', note)
      for (const listener of before) process.on('uncaughtException', listener)
    })
    const log = await createLog([put('a')])
    log.proxy.fault({ kind: 'answer', status: 403 }, { times: 1 })
    const fail = (): never => {
      throw new Error('of the application')
    }
    const compactor = createCompactor({
      source: log.url,
      every: 5,
      minEvents: 1,
      onCompact: fail,
      onError: fail,
    })
    await eventually(() => expect(thrown.length).toBeGreaterThan(2))
    await compactor.close()
  })

  test('close() ends it, in the middle of a run too', async () => {
    const log = await createLog([put('a')])
    log.proxy.fault({ kind: 'blackhole' }, { times: Infinity })
    const compactor = createCompactor({ source: log.url, every: 5 })
    const run = compactor.run()
    await eventually(() => expect(log.proxy.requests.length).toBe(1))
    await compactor.close()
    await expect(run).rejects.toMatchObject({ code: 'closed' })
    await compactor.close()
    expect(log.proxy.requests).toHaveLength(1)
  })
})

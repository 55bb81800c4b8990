import { getEventListeners } from 'node:events'
import type { StateEvent } from '@streamdb/state'
import { needs, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { openHistory } from '../src/history/index.ts'
import { pagedLog } from './paged-log.ts'

let server: Promise<StreamServer> | undefined
const kit = (): Promise<StreamServer> => (server ??= startStreamServer())
afterAll(async () => (await server)?.stop())

const put = (key: string, value: unknown, headers: object = {}): StateEvent => ({
  type: 'user',
  key,
  value,
  headers: { operation: 'upsert', ...headers },
})
const remove = (key: string): StateEvent => ({ type: 'user', key, headers: { operation: 'delete' } })
const at = (second: number): object => ({
  timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString(),
})

describe('openHistory', () => {
  test('[H1] [H2] a real stream: at an offset, a step on and back, and what a transaction did', async () => {
    await needs('stamps')
    const { createStream, appendItems } = await kit()
    const url = await createStream()
    const first = await appendItems(url, [put('a', { name: 'Ada' }, { txid: 't1' })])
    await appendItems(url, [put('a', { name: 'Bo' }, { txid: 't2' }), put('b', 2, { txid: 't2' })])
    const last = await appendItems(url, [remove('b')])
    const history = openHistory({ url })
    const past = await history.at(first)
    expect([past.offset, past.size, past.get('user', 'a')]).toEqual([first, 1, { name: 'Ada' }])
    const moves = await past.step(1)
    expect(moves.map(({ key }) => key)).toEqual(['a', 'b'])
    expect(past.transaction).toMatchObject({ txid: 't2', changes: [{ key: 'a' }, { key: 'b' }] })
    expect(past.eventOf('user', 'b')?.headers.txid).toBe('t2')
    await past.step(10)
    expect([past.offset, past.types, past.get('user', 'b'), past.ahead]).toEqual([
      last,
      ['user'],
      undefined,
      0,
    ])
    await past.step(-3)
    expect([past.size, past.behind, past.transaction]).toEqual([0, 0, undefined])
    // What is appended meanwhile is behind the next step.
    await past.step(3)
    await appendItems(url, [put('c', 3)])
    await past.step(1)
    expect(past.get('user', 'c')).toBe(3)
    history.close()
    await expect(past.step(1)).rejects.toMatchObject({ code: 'closed' })
  })

  test('[H3] at a time: what is later is not in it, and what says no time goes with what is before', async () => {
    const appends = [[put('a', 1, at(1))], [put('b', 1)], [put('a', 2, at(5))], [put('c', 1, at(3))]]
    const { url, fetch } = pagedLog(appends)
    const history = openHistory({ url, fetch })
    const keys = async (time: string | number | Date): Promise<unknown> => {
      const past = await history.at({ time })
      return Object.fromEntries(past.getType('user'))
    }
    expect(await keys(Date.UTC(2025, 0, 1))).toEqual({})
    expect(await keys('2026-01-01T00:00:01Z')).toEqual({ a: 1, b: 1 })
    expect(await keys(new Date(Date.UTC(2026, 0, 1, 0, 0, 4)))).toEqual({ a: 1, b: 1 })
    expect(await keys('2026-01-01T00:00:05Z')).toEqual({ a: 2, b: 1, c: 1 })
    const none = pagedLog([[put('a', 1)]])
    const timeless = openHistory({ url: none.url, fetch: none.fetch })
    await expect(timeless.at({ time: 0 })).rejects.toMatchObject({ code: 'time-unknown' })
    await expect(history.at({ time: 'noon' })).rejects.toMatchObject({ code: 'offset-invalid' })
  })

  test('[H4] an offset that is none, that the log does not reach, or whose log is gone is told by its code', async () => {
    const log = pagedLog([[put('a', 1)]])
    const history = openHistory({ url: log.url, fetch: log.fetch })
    await expect(history.at('now')).rejects.toMatchObject({ code: 'offset-invalid' })
    await expect(history.at('../x')).rejects.toMatchObject({ code: 'offset-invalid' })
    await expect(history.at(log.offset(2))).rejects.toMatchObject({ code: 'offset-beyond-end' })
    log.append([put('a', 2)])
    expect((await history.at(log.offset(2))).get('user', 'a')).toBe(2)
    const gone: typeof fetch = () => Promise.resolve(new Response('', { status: 410 }))
    const lost = openHistory({ url: log.url, fetch: gone })
    await expect(lost.at(log.offset(1))).rejects.toMatchObject({ code: 'offset-gone', status: 410 })
    const missing: typeof fetch = () => Promise.resolve(new Response('', { status: 404 }))
    await expect(openHistory({ url: log.url, fetch: missing }).end()).rejects.toMatchObject({
      code: 'stream-not-found',
    })
  })

  test('[H4] an abort ends the wait, and the next call reads on', async () => {
    const log = pagedLog([[put('a', 1)]])
    let isHanging = true
    const hanging: typeof fetch = (input, init) => {
      if (!isHanging || String(input).includes('.snapshots')) return log.fetch(input, init)
      return new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('x'))))
    }
    const history = openHistory({ url: log.url, fetch: hanging })
    const aborting = new AbortController()
    const waiting = history.end({ signal: aborting.signal })
    aborting.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    isHanging = false
    expect((await history.end()).get('user', 'a')).toBe(1)
  })

  test('[F-life-8] what is read leaves nothing on the signal that it was read with', async () => {
    const log = pagedLog([[put('a', 1)], [put('a', 2)]])
    const history = openHistory({ url: log.url, fetch: log.fetch })
    const { signal } = new AbortController()
    const past = await history.at(log.offset(1), { signal })
    await past.step(1, { signal })
    await history.diff(log.offset(1), log.offset(2), { signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('[H5] diff tells rows that were inserted, updated (and in which fields) and deleted, in both directions', async () => {
    const appends = [
      [put('a', { name: 'Ada', tags: ['x'] }), put('b', 1), put('same', { x: 1, y: 2 })],
      [
        put('a', { tags: ['x'], name: 'Bo', age: 3 }),
        remove('b'),
        put('c', null),
        put('same', { y: 2, x: 1 }),
      ],
    ]
    const { url, fetch, offset } = pagedLog(appends)
    const history = openHistory({ url, fetch })
    const a = { name: 'Ada', tags: ['x'] }
    const b = { tags: ['x'], name: 'Bo', age: 3 }
    expect(await history.diff(offset(1), offset(2))).toEqual([
      { type: 'user', key: 'a', change: 'updated', before: a, after: b, fields: ['name', 'age'] },
      { type: 'user', key: 'b', change: 'deleted', before: 1 },
      { type: 'user', key: 'c', change: 'inserted', after: null },
    ])
    expect(await history.diff(offset(2), offset(1))).toEqual([
      { type: 'user', key: 'a', change: 'updated', before: b, after: a, fields: ['name', 'age'] },
      { type: 'user', key: 'b', change: 'inserted', after: 1 },
      { type: 'user', key: 'c', change: 'deleted', before: null },
    ])
  })

  test('[H1] what was dropped for memory is read again, and a stream that is made anew too', async () => {
    const appends = Array.from({ length: 30 }, (_, index) => [put(`k${index % 3}`, index)])
    const log = pagedLog(appends, { pageSize: 4 })
    const history = openHistory({ url: log.url, fetch: log.fetch, checkpointEvery: 3, keep: 6 })
    const past = await history.end()
    expect(past.behind).toBe(30)
    const { requests } = log
    await past.moveTo(log.offset(2))
    expect([past.get('user', 'k0'), past.get('user', 'k1'), past.get('user', 'k2')]).toEqual([
      0,
      1,
      undefined,
    ])
    expect(log.requests).toBeGreaterThan(requests)
    expect([past.behind, past.ahead]).toEqual([2, 28])
  })
})

import { snapshotIndexUrl } from '@streamdb/log'
import { logOf, needs, rereads } from '@streamdb/testkit'
import { afterAll, describe, expect, test } from 'vitest'
import { createLog, put, readAll, remove, rowsOf, stopKit, written } from './logs.ts'

afterAll(stopKit)

describe('a snapshot', () => {
  test('[N1] is one closed stream, named by its offset, and recorded in the index', async () => {
    const log = await createLog([put('a'), put('b')], [put('a', { name: 'again' }), remove('b'), put('c')])
    const snapshot = written(await log.compact())
    expect(snapshot).toMatchObject({
      rows: 2,
      format: 1,
      types: { user: 2 },
      pages: [{ offset: '-1', rows: 2 }],
    })
    expect(snapshot.url).toContain(`.snapshots.${snapshot.offset}.`)
    const head = await fetch(snapshot.url, { method: 'HEAD' })
    expect(head.headers.get('stream-closed')).toBe('true')
    const items: unknown[] = [...(await logOf(snapshot.url))]
    expect(items).toMatchObject([
      { headers: { control: 'snapshot-start', snapshot: { format: 1, offset: snapshot.offset }, txids: [] } },
      { type: 'user', key: 'a', value: { name: 'again' }, headers: { operation: 'insert' } },
      { type: 'user', key: 'c', headers: { operation: 'insert' } },
      { headers: { control: 'snapshot-end', snapshot: { rows: 2 } } },
    ])
    const index: unknown[] = [...(await logOf(snapshotIndexUrl(log.direct)))]
    expect(index).toMatchObject([{ type: 'snapshot', value: { offset: snapshot.offset, rows: 2 } }])
  })

  test('[N2] a reader loads the newest one and goes on in the log behind it', async () => {
    await needs('stamps')
    const log = await createLog([put('a'), put('b')], [put('c')])
    await log.compact()
    await log.append(put('d'), remove('a'))
    const snapshots = true
    expect(await rowsOf({ url: log.url, snapshots })).toBe(await rowsOf({ url: log.direct }))
    const requests = log.requests()
    expect(requests).toHaveLength(3)
    expect(requests.slice(0, 2)).toEqual(['GET .snapshots -1', 'GET (snapshot) -1'])
    expect(requests[2]).toMatch(/^GET 0/)
  })

  test('[N3] where there is none, reading costs one request more', async () => {
    const log = await createLog([put('a')])
    expect(await rowsOf({ url: log.url, snapshots: true })).toContain('name of a')
    const again = Array<unknown>(await rereads()).fill(expect.stringMatching(/^GET 0/))
    expect(log.requests()).toEqual(['GET .snapshots -1', 'GET -1', ...again])
  })

  test('[N2] its rows come as events between its boundaries, with checkpoints of the log', async () => {
    const log = await createLog([put('a'), put('b')])
    const { offset } = written(await log.compact())
    const end = await log.append(put('c'))
    const reads = await readAll({ url: log.url, snapshots: true })
    const short = reads.map((read) => {
      if (read.type === 'event') return 'key' in read.event ? read.event.key : read.event.headers.control
      return read.type === 'checkpoint' ? read.checkpoint.offset : read.type
    })
    // Where caches may keep answers, the end is asked for again, and said again.
    const ends = Array<string>(await rereads()).fill(end)
    expect(short).toEqual(['snapshot-start', 'a', 'b', 'snapshot-end', offset, 'c', end, ...ends])
  })
})

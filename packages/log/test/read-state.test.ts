import { createStateSchema, keyValue } from '@streamdb/state'
import type { Migrate } from '@streamdb/state'
import { batchHandler, eventually, needs, startScriptedServer, startStreamServer } from '@streamdb/testkit'
import type { StreamServer } from '@streamdb/testkit'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createRecordedLog, materialize, readState } from '../src/index.ts'
import type { ReadStateOptions, StateRead } from '../src/index.ts'

let server: Promise<StreamServer> | undefined
const kit = (): Promise<StreamServer> => (server ??= startStreamServer())
afterAll(async () => (await server)?.stop())

const retry = { initialDelay: 1, maxDelay: 10 }
const state = createStateSchema({
  users: { schema: z.object({ id: z.string(), age: z.coerce.number() }), type: 'user', primaryKey: 'id' },
})
const user = (key: string, age: unknown = 1): object => ({
  type: 'user',
  key,
  value: { age },
  headers: { operation: 'upsert' },
})

async function readAll(options: ReadStateOptions): Promise<StateRead[]> {
  const reads: StateRead[] = []
  for await (const read of readState({ retry, ...options })) reads.push(read)
  return reads
}

/** What was read, in short. */
const short = (reads: readonly StateRead[]): string[] =>
  reads.map((read) => {
    if (read.type === 'event') return 'key' in read.event ? read.event.key : read.event.headers.control
    if (read.type === 'invalid') return `invalid ${read.issue.code}`
    return read.type === 'checkpoint' ? `checkpoint ${read.upToDate}` : `restart ${read.why}`
  })

/** Without the checkpoints before the end: pages that may come from a cache are followed by another one. */
const settled = (reads: readonly StateRead[]): string[] =>
  short(reads).filter((each) => each !== 'checkpoint false')

describe('readState', () => {
  test('gives the events of a stream, invalid ones as values, and where it stands', async () => {
    const url = await (
      await kit()
    ).createStream(undefined, {
      items: [user('a'), 7, { headers: { control: 'reset' } }, user('b')],
    })
    const reads = await readAll({ url })
    expect(settled(reads)).toEqual(['a', 'invalid not-an-event', 'reset', 'b', 'checkpoint true'])
    const offset = reads.at(-1)?.type === 'checkpoint' && reads.at(-1)
    expect(offset).toMatchObject({ checkpoint: { offset: expect.stringMatching(/^\d+(_\d+)?$/) as unknown } })
    expect(reads[0]).toMatchObject({ checkpoint: { offset: '-1' } })
  })

  test('[P6] bare values come as the schemas return them, and stay bare', async () => {
    const settings = createStateSchema({ settings: keyValue({ schema: z.coerce.number(), type: 'setting' }) })
    const setting = (value: unknown): object => ({
      ...{ type: 'setting', key: 'volume', value, headers: { operation: 'upsert' } },
    })
    const { createSource } = createRecordedLog([[setting('7'), setting('loud')]])
    const { state: rows, invalid } = await materialize({
      source: createSource({ live: false }),
      state: settings,
    })
    expect(rows.get('setting', 'volume')).toBe(7)
    expect(invalid.count).toBe(1)
  })

  test('with definitions rows come as the schemas return them', async () => {
    const { createSource } = createRecordedLog([
      [user('a', '7'), user('b', 'old'), { ...user('c'), type: 'other' }],
    ])
    const reads = await readAll({ source: createSource({ live: false }), state })
    expect(short(reads)).toEqual(['a', 'invalid schema', 'c', 'checkpoint true'])
    expect(reads[0]).toMatchObject({ event: { value: { id: 'a', age: 7 } } })
    expect(reads[2]).toMatchObject({ event: { value: { age: 1 } } })
  })

  test('goes on from a checkpoint', async () => {
    const { createStream, appendItems } = await kit()
    const url = await createStream(undefined, { items: [user('a')] })
    const last = (await readAll({ url })).at(-1)
    await appendItems(url, [user('b')])
    if (last?.type !== 'checkpoint') throw new Error('there is a checkpoint at the end')
    expect(settled(await readAll({ url, from: last.checkpoint }))).toEqual(['b', 'checkpoint true'])
  })

  test('[L1] live: what is appended comes; leaving the loop ends the connection', async () => {
    const script = await startScriptedServer(batchHandler([[user('a')], [user('b')]], { catchUp: 1 }))
    onTestFinished(() => script.close())
    const keys: string[] = []
    for await (const read of readState({ url: script.url, live: true, retry })) {
      if (read.type === 'event' && 'key' in read.event) keys.push(read.event.key)
      if (keys.length === 2) break
    }
    expect(keys).toEqual(['a', 'b'])
    await eventually(() => expect(script.open).toBe(0))
  })

  test('[M6] a page that breaks off is read again, and no event twice', async () => {
    const items = Array.from({ length: 3000 }, (_, n) => user(`u${n}`, 'x'.repeat(400)))
    const body = JSON.stringify(items)
    let requests = 0
    const script = await startScriptedServer((_request, { response }) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': body.length,
        'stream-next-offset': '1',
        'stream-up-to-date': 'true',
      })
      if (requests++ > 0) return void response.end(body)
      response.write(body.slice(0, body.length - 10_000), () => response.socket?.destroySoon())
    })
    onTestFinished(() => script.close())
    const reads = await readAll({ url: script.url })
    expect(short(reads)).toEqual([...items.map((_, n) => `u${n}`), 'checkpoint true'])
    expect(requests).toBe(2)
  })

  test('a slow reader holds the source, and not its timer', async () => {
    const script = await startScriptedServer(batchHandler([[user('a')], [user('b')], [user('c')]]))
    onTestFinished(() => script.close())
    const reads = readState({ url: script.url, retry: { ...retry, idleTimeout: 20, connectTimeout: 1000 } })
    await reads.next()
    await new Promise((resolve) => setTimeout(resolve, 60))
    // One page is read ahead.
    expect(script.requests).toHaveLength(2)
    const rest: StateRead[] = []
    for await (const read of reads) rest.push(read)
    expect(short(rest).filter((each) => each.length === 1)).toEqual(['b', 'c'])
    expect(script.requests).toHaveLength(3)
  })

  test('[L2] a failure is thrown, and so is the reason of a signal', async () => {
    const missing = `${(await kit()).url}/missing`
    await expect(readAll({ url: missing })).rejects.toMatchObject({ code: 'stream-not-found', status: 404 })
    const controller = new AbortController()
    const reason = new Error('enough')
    const url = await (await kit()).createStream()
    const reading = (async () => {
      for await (const read of readState({ url, live: true, signal: controller.signal })) {
        if (read.type === 'checkpoint') controller.abort(reason)
      }
    })()
    await expect(reading).rejects.toBe(reason)
    await expect(readAll({ url, signal: controller.signal })).rejects.toBe(reason)
  })

  test('a stream that is made anew is a restart', async () => {
    await needs('deletion')
    const { createStream, deleteStream, url: origin } = await kit()
    const url = await createStream('/anew', { items: [user('a')] })
    const seen: string[] = []
    for await (const read of readState({ url, live: true, onMissing: 'wait', retry })) {
      seen.push(...settled([read]))
      if (seen.length === 2) {
        await deleteStream(url)
        await createStream('/anew', { items: [user('b')] })
      }
      if (seen.includes('b')) break
    }
    expect(origin).toMatch(/^http/)
    expect(seen.slice(0, 2)).toEqual(['a', 'checkpoint true'])
    // A reader may see it while it is empty, too.
    expect(seen.slice(2, -1).join()).toContain('restart ')
  })
})

describe('materialize', () => {
  test('reads a stream to its end, with its resets and snapshots, and counts what is invalid', async () => {
    const url = await (
      await kit()
    ).createStream(undefined, {
      items: [user('a'), null, { headers: { control: 'reset' } }, user('b', 1), user('b', 2)],
    })
    const { state: rows, upToDate, invalid, checkpoint } = await materialize({ url })
    expect([...rows.getType('user')]).toEqual([['b', { age: 2 }]])
    expect([upToDate, invalid.count, invalid.first.length]).toEqual([true, 1, 1])
    expect(checkpoint.offset).toMatch(/^\d+(_\d+)?$/)
  })

  test('stops at an offset, exactly where the server stamps its events', async () => {
    await needs('stamps')
    const { createStream, appendItems } = await kit()
    const url = await createStream(undefined, { items: [user('a', 1)] })
    const until = await appendItems(url, [user('a', 2), user('b', 2)])
    await appendItems(url, [user('a', 3)])
    const past = await materialize({ url, until })
    expect([...past.state.getType('user')]).toEqual([
      ['a', { age: 2 }],
      ['b', { age: 2 }],
    ])
    expect([past.checkpoint.offset, past.upToDate]).toEqual([until, false])
    const { state: now } = await materialize({ url })
    expect(now.get('user', 'a')).toEqual({ age: 3 })
  })

  test('stops behind the response that reaches the offset, where nothing is stamped', async () => {
    const { createSource } = createRecordedLog([[user('a')], [user('b')], [user('c')]])
    const past = await materialize({ source: createSource({ live: false }), until: '2' })
    expect([past.state.getType('user').size, past.checkpoint.offset]).toEqual([2, '2'])
  })
})

describe('schema upgrades', () => {
  const people = createStateSchema(
    {
      users: {
        schema: z.strictObject({ id: z.string(), years: z.number() }),
        type: 'user',
        primaryKey: 'id',
      },
    },
    { version: 2 },
  )
  const migrate: Migrate = (_type, { age, ...value }, from) => {
    if (age === 'unknown') throw new Error(`no age in version ${from}`)
    return age === 0 ? undefined : { ...value, years: age }
  }
  const items = [
    user('a', 1),
    user('b', 0),
    user('c', 'unknown'),
    people.users.insert({ value: { id: 'd', years: 4 } }),
    { ...user('e'), type: 'other' },
  ]

  test('[V1] [V2] [V3] [V4] readState gives events in the form of its schemas', async () => {
    const { createSource } = createRecordedLog([items])
    const reads = await readAll({ source: createSource({ live: false }), state: people, migrate })
    expect(reads).toMatchObject([
      { event: { key: 'a', value: { id: 'a', years: 1 }, headers: { schemaVersion: 2 } } },
      { event: { key: 'b', headers: { operation: 'delete', schemaVersion: 2 } } },
      { type: 'invalid', issue: { code: 'migration', reason: 'no age in version 1', event: items[2] } },
      { event: { key: 'd', value: { id: 'd', years: 4 } } },
      { event: items[4] },
      { type: 'checkpoint' },
    ])
  })

  test('[V2] materialize has the rows of the new schemas', async () => {
    const { createSource } = createRecordedLog([items])
    const { state: rows, invalid } = await materialize({
      source: createSource({ live: false }),
      state: people,
      migrate,
    })
    expect([...rows.getType('user')]).toEqual([
      ['a', { id: 'a', years: 1 }],
      ['d', { id: 'd', years: 4 }],
    ])
    expect(invalid.count).toBe(1)
  })

  test('[V2] `version` is that of the state unless another is given', async () => {
    const { createSource } = createRecordedLog([items.slice(0, 1)])
    const [read] = await readAll({
      source: createSource({ live: false }),
      state,
      version: 3,
      migrate: (_type, value, from) => ({ ...value, age: from }),
    })
    expect(read).toMatchObject({ event: { value: { age: 1 }, headers: { schemaVersion: 3 } } })
  })
})

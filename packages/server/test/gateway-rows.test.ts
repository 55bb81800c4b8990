import { eventually } from '@streamdb/testkit'
import { compactStream, createStreamHandler } from '../src/index.ts'
import { afterAll, describe, expect, test } from 'vitest'
import { note, startGateway } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

const control = (name: string): unknown => ({ headers: { control: name } })

describe('what is written', () => {
  test("[GW12] the principal and the time are the gateway's: what a writer says there is dropped, and so is what the schema does not know", async () => {
    const gateway = await startGateway()
    await gateway.create('a')
    const before = new Date().toISOString()
    await gateway.append('a', note('1', 'true'))
    const forged = {
      principal: 'bob',
      time: '1999',
      timestamp: '1999-01-01T00:00:00Z',
      from: 'bob',
      offset: '9',
      request: 'r',
      txids: ['t'],
      other: 1,
    }
    const event = {
      type: 'note',
      key: '1',
      value: { id: '1', text: 'x', admin: true },
      old_value: { id: '1', text: 'forged' },
      extra: 1,
      headers: { operation: 'update', txid: 't', ...forged },
    }
    expect((await gateway.post('a', event)).status).toBe(204)
    const stored = (await gateway.events('a'))[1]
    const { time, timestamp, offset, ...headers } = stored?.headers ?? {}
    expect(headers).toEqual({ operation: 'update', txid: 't', from: 'ada', principal: 'ada', other: 1 })
    expect([String(time) >= before, timestamp, offset === '9']).toEqual([true, time, false])
    expect(stored).toMatchObject({ value: { id: '1', text: 'x' }, old_value: { id: '1', text: 'true' } })
    expect(Object.keys(stored ?? {})).not.toContain('extra')
    expect(stored?.value).not.toHaveProperty('admin')
  })

  test('[GW2] a rule sees the row before, the rows of earlier events of the request, and who wrote them', async () => {
    const seen: unknown[] = []
    const gateway = await startGateway({
      authorize: ({ type, event, row, rows, user, stream }) => {
        const role = rows.get('member', user.id)?.role
        seen.push([
          stream,
          type,
          event.headers.operation,
          row,
          role,
          rows.headers('note', '1')?.['principal'],
          [...rows.entries('note')].length,
        ])
      },
    })
    await gateway.create('rooms/x%20y')
    await gateway.post('rooms/x%20y', [
      { type: 'member', key: 'ada', value: { id: 'ada', role: 'owner' }, headers: { operation: 'insert' } },
      note('1'),
      { type: 'note', key: '1', headers: { operation: 'delete' } },
      note('1'),
    ])
    await gateway.post('rooms/x%20y', note('2'), { user: 'bob' })
    const row = { id: '1', text: 'text of 1' }
    expect(seen).toEqual([
      ['rooms/x y', 'member', 'insert', undefined, undefined, undefined, 0],
      ['rooms/x y', 'note', 'upsert', undefined, 'owner', undefined, 0],
      ['rooms/x y', 'note', 'delete', row, 'owner', 'ada', 1],
      ['rooms/x y', 'note', 'upsert', undefined, 'owner', undefined, 0],
      ['rooms/x y', 'note', 'upsert', undefined, undefined, 'ada', 1],
    ])
  })

  test.each([
    ['no JSON', '{', 400, 'invalid-json', undefined],
    ['nothing', '[]', 400, 'invalid-body', undefined],
    ['no event', '[1]', 422, 'not-an-event', undefined],
    [
      'an unknown operation',
      [{ type: 'note', key: '1', value: {}, headers: { operation: 'x' } }],
      422,
      'not-an-event',
      '/headers/operation',
    ],
    ['no key', [{ type: 'note', value: {}, headers: { operation: 'insert' } }], 422, 'missing-part', '/key'],
    [
      'a type without a schema',
      [{ type: 'other', key: '1', value: {}, headers: { operation: 'insert' } }],
      422,
      'unknown-type',
      '/type',
    ],
    [
      'a type named as a method',
      [{ type: 'constructor', key: '1', value: {}, headers: { operation: 'insert' } }],
      422,
      'unknown-type',
      '/type',
    ],
    [
      'a value that the schema refuses',
      [{ type: 'note', key: '1', value: { id: '1', text: 1 }, headers: { operation: 'insert' } }],
      422,
      'schema',
      '/value/text',
    ],
    [
      'another primary key',
      [{ type: 'note', key: '1', value: { id: '2', text: 'x' }, headers: { operation: 'insert' } }],
      422,
      'key-mismatch',
      '/value/id',
    ],
    [
      'a newer version',
      [
        {
          type: 'note',
          key: '1',
          value: { id: '1', text: 'x' },
          headers: { operation: 'insert', schemaVersion: 2 },
        },
      ],
      422,
      'newer-version',
      '/headers/schemaVersion',
    ],
    ['a reset', [{ headers: { control: 'reset' } }], 403, 'control-event', undefined],
    ['too many events', Array.from({ length: 11 }, () => note('1')), 413, 'too-many-events', undefined],
    [
      'too deep',
      `[{"type":"note","key":"1","value":${'['.repeat(50)}${']'.repeat(50)},"headers":{"operation":"insert"}}]`,
      422,
      'too-deep',
      undefined,
    ],
    ['too large', note('1', 'x'.repeat(3000)), 413, 'too-large', undefined],
  ])('[GW13] %s is refused, and nothing of it is stored', async (_what, body, status, code, path) => {
    const gateway = await startGateway({ limits: { events: 10, bodyBytes: 2_000 } })
    await gateway.create('a')
    const answer = await gateway.post('a', body)
    expect(answer).toMatchObject({ status, error: { code } })
    expect(answer.error?.path).toBe(path)
    expect(await gateway.events('a')).toEqual([])
  })

  test('[GW13] limits of a stream and of a minute, other content types, wrong producers', async () => {
    const gateway = await startGateway({ limits: { streamBytes: 100, requestsPerMinute: 6 } })
    await gateway.create('a')
    expect(await gateway.post('a', note('1', 'x'.repeat(60)))).toMatchObject({ status: 204 })
    expect(await gateway.post('a', note('2', 'x'.repeat(60)))).toMatchObject({
      status: 413,
      error: { code: 'stream-full' },
    })
    expect(await gateway.post('a', note('1', 'y'))).toMatchObject({ status: 204 })
    expect(
      await gateway.post('a', note('2', 'y'), { headers: { 'content-type': 'text/plain' } }),
    ).toMatchObject({ status: 415 })
    expect(await gateway.post('a', note('2', 'y'), { headers: { 'producer-id': 'p' } })).toMatchObject({
      error: { code: 'invalid-producer' },
    })
    expect(await gateway.post('none', note('2', 'y'))).toMatchObject({
      status: 404,
      error: { code: 'stream-not-found' },
    })
    expect(await gateway.post('a', note('2', 'y'))).toMatchObject({
      status: 429,
      error: { code: 'rate-limited' },
    })
    expect(await gateway.post('a', note('2', 'y'), { user: 'bob' })).toMatchObject({ status: 204 })
  })

  test('[GW14] control events where they are allowed: the rows are as the log has them then', async () => {
    const gateway = await startGateway({
      authorizeControl: ({ user }) => user.id === 'admin',
      authorize: ({ row }) => row === undefined || 'It exists.',
    })
    await gateway.create('a')
    await gateway.post('a', note('1'))
    expect(await gateway.post('a', control('reset'))).toMatchObject({
      status: 403,
      error: { code: 'control-event', index: 0 },
    })
    expect(await gateway.post('a', note('1'))).toMatchObject({
      status: 403,
      error: { code: 'forbidden', message: 'It exists.' },
    })
    expect(await gateway.post('a', [control('reset'), note('1')], { user: 'admin' })).toMatchObject({
      status: 204,
    })
    expect(
      await gateway.post('a', [control('snapshot-start'), note('3'), control('snapshot-end')], {
        user: 'admin',
      }),
    ).toMatchObject({ status: 204 })
    expect(await gateway.post('a', note('1'))).toMatchObject({ status: 204 })
    expect(await gateway.post('a', note('3'))).toMatchObject({ status: 403 })
  })

  test('[GW15] rows begin with a snapshot; snapshots are read as their log is, and written by nobody', async () => {
    const asked: string[] = []
    const gateway = await startGateway({
      authorize: ({ row }) => row === undefined || 'It exists.',
      authorizeRead: ({ stream }) => void asked.push(stream),
      proxied: true,
    })
    await gateway.create('a')
    await gateway.append('a', note('1', 'x', { txid: 't1' }), note('2', 'x', { txid: 't2' }))
    await compactStream({ source: `${gateway.direct}/a` })
    await gateway.append('a', note('3'))
    expect(await gateway.post('a', note('1'))).toMatchObject({ status: 403 })
    expect(await gateway.post('a', note('3'))).toMatchObject({ status: 403 })
    // What was stored before the snapshot is known by its name.
    expect(await gateway.post('a', note('1', 'x', { txid: 't1' }))).toMatchObject({ status: 204 })
    expect(gateway.proxy.requests.map(({ url }) => url.pathname.replace(/.*\/a/, 'a'))).toContain(
      'a.snapshots',
    )
    expect(await gateway.events('a')).toHaveLength(3)
    const index = await fetch(`${gateway.url}/a.snapshots?offset=-1`, {
      headers: { authorization: 'Bearer ada' },
    })
    expect([index.status, asked]).toEqual([200, ['a']])
    expect(await gateway.post('a.snapshots', note('1'))).toMatchObject({
      status: 403,
      error: { code: 'snapshot' },
    })
  })

  test('[GW16] a rule that throws or does not settle is a fault of the server: nothing is stored, and onError is told', async () => {
    const gateway = await startGateway({
      authorize: ({ event }) => {
        if (event.key === 'throws') throw new Error('a secret')
        return event.key === 'hangs' ? new Promise<boolean>(() => undefined) : true
      },
      limits: { timeout: 1_000 },
    })
    await gateway.create('a')
    const thrown = await gateway.post('a', note('throws'))
    expect(thrown).toMatchObject({ status: 500, error: { code: 'undecided' } })
    expect(JSON.stringify(thrown.error)).not.toContain('secret')
    expect(await gateway.post('a', note('hangs'))).toMatchObject({
      status: 503,
      error: { code: 'undecided' },
    })
    await eventually(async () => expect(await gateway.post('a', note('1'))).toMatchObject({ status: 204 }))
    expect(gateway.errors.map(String)).toEqual([
      expect.stringContaining('a secret'),
      expect.stringContaining('did not settle'),
    ])
    expect(() =>
      createStreamHandler({
        state: {},
        upstream: '',
        authenticate: () => ({ id: '' }),
        authorize: () => true,
        limits: { events: NaN },
      }),
    ).toThrow('limits.events')
  })
})

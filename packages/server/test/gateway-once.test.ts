import { afterAll, describe, expect, test } from 'vitest'
import { note, open, startGateway } from './gateway-kit.ts'
import type { GatewayOptions } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

/** A note is written once: a repeated attempt would be refused, were it asked about again. */
const insertsOnly: GatewayOptions = {
  authorize: ({ row }) => row === undefined || { code: 'exists', message: 'It exists.' },
}

describe('once stays once', () => {
  test('[GW7] a write whose answer was lost is answered as stored, and no rule is asked again', async () => {
    const gateway = await startGateway({ ...insertsOnly, proxied: true })
    await gateway.create('a')
    const write = note('1', 'x', { txid: 't1' })
    gateway.proxy.fault({ kind: 'cut', after: 'nothing' }, { of: 'writes' })
    const first = await gateway.post('a', [write], { producer: ['p', 0, 0] })
    expect(first).toMatchObject({ status: 502, error: { code: 'upstream-unreachable' } })
    expect(await gateway.events('a')).toHaveLength(1)
    const again = await gateway.post('a', [write], { producer: ['p', 0, 0] })
    expect(again).toMatchObject({ status: 200, error: undefined })
    expect(again.headers.get('producer-seq')).toBe('0')
    expect(again.headers.get('stream-next-offset')).toMatch(/^\d/)
    // By another gateway, which has read the log and nothing else; and without a transaction id.
    const other = await startGateway({ ...insertsOnly, folder: new URL(gateway.direct).pathname })
    expect(await other.post('a', [write], { producer: ['q', 0, 0] })).toMatchObject({ status: 200 })
    const plain = note('2', 'x')
    expect(await gateway.post('a', plain, { producer: ['p', 0, 1] })).toMatchObject({ status: 200 })
    expect(await other.post('a', plain, { producer: ['p', 0, 1] })).toMatchObject({ status: 200 })
    expect(await gateway.events('a')).toHaveLength(2)
    // Somebody else's, or another event under the same id, is asked about.
    expect(await gateway.post('a', [write], { user: 'bob', producer: ['p', 0, 0] })).toMatchObject({
      error: { code: 'exists' },
    })
    expect(await gateway.post('a', [note('1', 'y', { txid: 't1' })])).toMatchObject({
      error: { code: 'exists' },
    })
  })

  test('[GW7] of a request that is stored in part the rest is appended; a value that a stamp changed is known again', async () => {
    const gateway = await startGateway({
      ...insertsOnly,
      stamp: ({ event, user }) => ({ ...event, value: { ...Object(event.value), author: user.id } }),
    })
    await gateway.create('a')
    const [one, two] = [note('1', 'x', { txid: 't1' }), note('2', 'x', { txid: 't2' })]
    expect(await gateway.post('a', [one])).toMatchObject({ status: 204 })
    expect(await gateway.post('a', [one, two])).toMatchObject({ status: 204 })
    const other = await startGateway({ ...insertsOnly, folder: new URL(gateway.direct).pathname })
    expect(await other.post('a', [one, two])).toMatchObject({ status: 204 })
    expect(await gateway.events('a')).toMatchObject([
      { key: '1', value: { author: 'ada' } },
      { key: '2', value: { author: 'ada' } },
    ])
  })

  test('[GW8] nobody can replay or fence the producer of another principal', async () => {
    const gateway = await startGateway()
    await gateway.create('a')
    await gateway.post('a', note('1', 'x', { txid: 't1' }), { producer: ['p', 3, 0] })
    // The same producer, a later epoch and a sequence that was used: of bob's own.
    expect(await gateway.post('a', note('2', 'x'), { user: 'bob', producer: ['p', 9, 0] })).toMatchObject({
      status: 200,
    })
    expect(await gateway.post('a', note('3', 'x'), { user: 'a/da', producer: ['p', 3, 0] })).toMatchObject({
      status: 200,
    })
    expect(await gateway.post('a', note('4', 'x'), { user: 'a', producer: ['da/p', 3, 0] })).toMatchObject({
      status: 200,
    })
    expect(await gateway.post('a', note('5', 'x'), { producer: ['p', 3, 1] })).toMatchObject({ status: 200 })
    expect((await gateway.events('a')).map(({ key, headers }) => [key, headers['principal']])).toEqual([
      ['1', 'ada'],
      ['2', 'bob'],
      ['3', 'a/da'],
      ['4', 'a'],
      ['5', 'ada'],
    ])
    // A gap and a fence of one's own are said as the stream server says them.
    const gap = await gateway.post('a', note('6', 'x'), { producer: ['p', 3, 7] })
    expect(gap).toMatchObject({ status: 409, error: { code: 'producer-gap' } })
    expect(gap.headers.get('producer-expected-seq')).toBe('2')
    const fenced = await gateway.post('a', note('6', 'x'), { producer: ['p', 2, 0] })
    expect(fenced).toMatchObject({ status: 403, error: { code: 'producer-fenced' } })
    expect(fenced.headers.get('producer-epoch')).toBe('3')
  })

  test('[GW9] two gateways on one stream decide in log order: of two that insert the same row one is refused', async () => {
    const one = await startGateway(insertsOnly)
    const two = await startGateway({ ...insertsOnly, folder: new URL(one.direct).pathname })
    await one.create('a')
    const rounds = Array.from({ length: 20 }, (_, index) => index)
    const answers = await Promise.all(
      rounds.flatMap((round) => [
        one.post('a', note(`${round}`, 'one'), { producer: [`one ${round}`, 0, 0] }),
        two.post('a', note(`${round}`, 'two'), { producer: [`two ${round}`, 0, 0], user: 'bob' }),
      ]),
    )
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([
      ...rounds.map(() => 200),
      ...rounds.map(() => 403),
    ])
    expect(new Set((await one.events('a')).map(({ key }) => key)).size).toBe(20)
    expect(await one.events('a')).toHaveLength(20)
  })

  test('[GW9] a stream that something else writes to with Stream-Seq is refused, with what to do, and works without coordination', async () => {
    const gateway = await startGateway()
    await gateway.create('a')
    await fetch(`${gateway.direct}/a`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'stream-seq': 'zzz' },
      body: JSON.stringify([note('0')]),
    })
    expect(await gateway.post('a', note('1'))).toMatchObject({
      status: 502,
      error: { code: 'upstream-refused' },
    })
    expect(gateway.errors.map(String)).toEqual([expect.stringContaining('coordinate: false')])
    const alone = await startGateway({ folder: new URL(gateway.direct).pathname, coordinate: false })
    expect(await alone.post('a', note('1'))).toMatchObject({ status: 204 })
  })

  test('[GW10] what others write past the gateway counts, a stream that is made anew is another one, and idle streams are let go', async () => {
    const gateway = await startGateway({
      ...insertsOnly,
      memory: { streams: 1 },
      authorizeStream: () => true,
    })
    await gateway.create('a')
    await gateway.create('b')
    expect(await gateway.post('a', note('1'))).toMatchObject({ status: 204 })
    await gateway.append('a', note('2'))
    expect(await gateway.post('a', note('2'))).toMatchObject({ error: { code: 'exists' } })
    // Let go, and read anew.
    expect(await gateway.post('b', note('1'))).toMatchObject({ status: 204 })
    expect(await gateway.post('a', note('1'))).toMatchObject({ error: { code: 'exists' } })
    for (const url of [`${gateway.direct}/a`, `${gateway.url}/b`]) {
      expect((await fetch(url, { method: 'DELETE', headers: { authorization: 'Bearer ada' } })).status).toBe(
        204,
      )
    }
    await gateway.create('a')
    await gateway.create('b')
    expect(await gateway.post('a', note('1'))).toMatchObject({ status: 204 })
    expect(await gateway.post('b', note('1'))).toMatchObject({ status: 204 })
  })

  test('[GW11] a stream server that hangs, fails or is gone is passed on, and the write is tried again and stored once', async () => {
    const gateway = await startGateway({ ...insertsOnly, proxied: true, limits: { timeout: 300 } })
    const url = await gateway.create('a')
    const db = open(url)
    await db.preload()
    const { proxy } = gateway
    proxy.fault({ kind: 'blackhole' }, { of: 'writes' })
    proxy.fault({ kind: 'answer', status: 503, headers: { 'retry-after': '0' } }, { of: 'writes' })
    proxy.fault({ kind: 'cut', after: 'nothing' }, { of: 'writes' })
    await db.collections.notes.insert({ id: '1', text: 'x' }).when('settled')
    proxy.fault({ kind: 'blackhole' }, { match: /GET (?!.*live=)/ })
    await db.collections.notes.insert({ id: '2', text: 'x' }).when('settled')
    expect((await gateway.events('a')).map(({ key }) => key)).toEqual(['1', '2'])
  })
})

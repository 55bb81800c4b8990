import { afterAll, beforeAll, expect, test } from 'vitest'
import { faultsOf } from '../fuzz/oracle.ts'
import { people } from '../fuzz/policy.ts'
import { startUnderAttack } from '../fuzz/under-attack.ts'
import type { UnderAttack } from '../fuzz/under-attack.ts'

let target: UnderAttack
beforeAll(async () => {
  target = await startUnderAttack()
  await target.create('room')
})
afterAll(() => target.stop())

interface Sent {
  readonly who?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a text as a body, and returns the status and the code of the refusal. */
async function send(body: string, { who = 'ada', headers = {} }: Sent = {}): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${target.port}/streams/room`, {
    ...{ method: 'POST', body },
    headers: { 'content-type': 'application/json', authorization: `Bearer ${who}`, ...headers },
  })
  const text = await response.text()
  const { error } = text === '' ? {} : (JSON.parse(text) as { error?: { code: string } }) // of the gateway
  return [response.status, error?.code].filter(Boolean).join(' ')
}

test.each([
  ['a number that JSON does not have', '{"id":"ada","text":"ada#","score":1e400}'],
  ['another, below zero', '{"id":"ada","text":"ada#","score":-1e400}'],
])('[HO9] %s is not stored as something else', async (_what, value) => {
  const event = `{"type":"profile","key":"ada","value":${value},"headers":{"operation":"upsert"}}`
  expect(await send(event)).toMatch(/^422 /)
  expect(faultsOf(await target.read('room'), people)).toEqual([])
})

test('[HO9] of members that come twice the last one counts, for the rule and for readers', async () => {
  const head = '"type":"message","key":"twice","headers":{"operation":"insert"}'
  const asGrace = `{${head},"value":{"id":"twice","author":"ada","author":"grace","text":"ada#"}}`
  const asAda = `{${head},"value":{"id":"twice","author":"grace","author":"ada","text":"ada#"}}`
  expect(await send(asGrace)).toBe('403 forbidden')
  expect(await send(asAda)).toBe('204')
  const [stored] = (await target.read('room')).slice(-1)
  expect(JSON.stringify(stored)).not.toContain('grace')
})

test('[HO9] a type, a key and a field called __proto__ are ordinary', async () => {
  const event = (owner: string): string =>
    `{"type":"__proto__","key":"__proto__","value":{"id":"__proto__","owner":"${owner}","text":"ada#"},"headers":{"operation":"upsert","__proto__":{"principal":"grace"}}}`
  expect(await send(event('grace'))).toBe('403 forbidden')
  expect(await send(event('ada'))).toBe('204')
  expect(await send(event('mallory'), { who: 'mallory' })).toBe('403 forbidden')
  expect(Object.prototype).not.toHaveProperty('principal')
})

test('[HO9] what a rule does not see is not stored: a field of the prototype, an old value, a header of the gateway’s', async () => {
  const event =
    '{"type":"message","key":"seen","value":{"id":"seen","author":"ada","text":"ada#","__proto__":{"author":"grace"},"extra":1},' +
    '"old_value":{"author":"grace"},"headers":{"operation":"insert","principal":"grace","time":"never","txids":["x"]}}'
  expect(await send(event)).toBe('204')
  const [stored] = (await target.read('room')).slice(-1)
  expect(stored).toMatchObject({ value: { author: 'ada' }, headers: { principal: 'ada' } })
  expect(JSON.stringify(stored)).not.toMatch(/grace|extra|never|txids/)
})

test('[HO9] nobody fences or replays another’s producer, and no header of the stream server’s gets through', async () => {
  const message = (key: string, author: string): string =>
    JSON.stringify({
      ...{ type: 'message', key, value: { id: key, author, text: `${author}#` } },
      headers: { operation: 'insert' },
    })
  const producer = (id: string, epoch: number, seq: number) => ({
    headers: { 'producer-id': id, 'producer-epoch': String(epoch), 'producer-seq': String(seq) },
  })
  expect(await send(message('p0', 'ada'), producer('p', 0, 0))).toBe('200')
  const high = producer('p', 9, 0)
  expect(await send(message('m0', 'mallory'), { who: 'mallory', ...high })).toBe('200')
  for (const id of ['ada/p', 'ada%2Fp', 'ada%252Fp']) {
    expect(await send(message(`m-${id}`, 'mallory'), { who: 'mallory', ...producer(id, 9, 0) })).toBe('200')
  }
  expect(await send(message('p1', 'ada'), producer('p', 0, 1))).toBe('200')
  const odd = { 'stream-seq': 'zzzz', 'stream-ttl': '1', 'stream-forked-from': '/rooms/x' }
  expect(await send(message('m1', 'mallory'), { who: 'mallory', headers: odd })).toBe('204')
  expect(await send(message('p2', 'ada'), producer('p', 0, 2))).toBe('200')
  expect(target.leaks).toEqual([])
  expect(target.reports).toEqual([])
})

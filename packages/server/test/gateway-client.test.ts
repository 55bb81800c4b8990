import { createHttpTransport, openStream } from '@streamdb/log'
import { defaultTimes } from '@streamdb/log'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { failure, open, post, startGateway } from './gateway-kit.ts'
import type { GatewayOptions } from './gateway-kit.ts'
import { quick, stopKit } from './logs.ts'

afterAll(stopKit)

const refusesBad: GatewayOptions = {
  authorize: ({ type, event }) => {
    if (type !== 'note' || event.value?.text !== 'bad') return true
    return { code: 'bad-text', message: 'The text is bad.', path: '/value/text' }
  },
}

const reason = { code: 'bad-text', message: 'The text is bad.', path: '/value/text' }

describe('the client of a gateway', () => {
  test("[GW3] a refused write is the action's error, with a typed reason, and is rolled back", async () => {
    const gateway = await startGateway(refusesBad)
    const db = open(await gateway.create('a'), 'ada', {
      actions: ({ db: own }: { db: ReturnType<typeof open> }) => ({
        add: {
          onMutate: (text: string) => void own.collections.notes.insert({ id: 'n', text }),
        },
      }),
    })
    await db.preload()
    const actions = db.actions as unknown as Record<
      'add',
      (text: string) => { when(what: 'settled'): Promise<unknown> }
    >
    const error = await failure(actions.add('bad').when('settled'))
    expect(error).toMatchObject({ code: 'write-failed', status: 403, reason })
    expect(error.message).toContain('The text is bad. (bad-text at /value/text)')
    expect(db.collections.notes.size).toBe(0)
    // What the schema of the server refuses has a path too.
    const answer = await post(`${gateway.url}/a`, {
      type: 'note',
      key: 'n',
      value: { id: 'n', text: '' },
      headers: { operation: 'insert' },
    })
    expect(answer).toMatchObject({ status: 422, error: { code: 'schema', path: '/value/text', index: 0 } })
  })

  test('[GW4] of writes that go together only the refused ones fail, in any mixture, and each is stored once', async () => {
    const gateway = await startGateway(refusesBad)
    let run = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), async (bad) => {
        const name = `p${run++}`
        const url = await gateway.create(name)
        const closing = new AbortController()
        const { stream, streamOptions } = openStream(
          { url, headers: { authorization: 'Bearer ada' } },
          defaultTimes,
        )
        const transport = createHttpTransport({
          stream,
          streamOptions,
          times: { ...defaultTimes, ...quick },
          signal: closing.signal,
        })
        const ends = await Promise.allSettled(
          bad.map((isBad, index) => {
            const value = { id: String(index), text: isBad ? 'bad' : 'good' }
            const txid = `t${index}`
            const body = JSON.stringify({
              type: 'note',
              key: value.id,
              value,
              headers: { operation: 'insert', txid },
            })
            return transport.append({ txid, body }).done
          }),
        )
        expect(ends.map(({ status }) => status === 'rejected')).toEqual(bad)
        for (const end of ends)
          if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'write-failed', reason })
        const stored = await gateway.events(name)
        expect(stored.map(({ key }) => key)).toEqual(
          bad.flatMap((isBad, index) => (isBad ? [] : [String(index)])),
        )
        closing.abort()
      }),
      { numRuns: 25 },
    )
  })

  test('[GW5] 401 is unauthorized, 429 waits as long as it is told, and 5xx is tried again', async () => {
    const gateway = await startGateway({ limits: { eventsPerMinute: 60 } })
    const url = await gateway.create('a')
    const nobody = open(url, 'ada', { retry: { ...quick, maxRetries: 0 } })
    expect((await fetch(`${url}?offset=-1`)).status).toBe(401)
    await nobody.preload()
    const full = Array.from({ length: 60 }, (_, index) => ({
      type: 'note',
      key: String(index),
      value: { id: String(index), text: 'x' },
      headers: { operation: 'insert' },
    }))
    expect((await post(url, full)).status).toBe(204)
    // One more is allowed with each second that passes.
    let limited = await post(url, full.slice(0, 1))
    while (limited.status === 204) limited = await post(url, full.slice(0, 1))
    expect(limited).toMatchObject({ status: 429, error: { code: 'rate-limited' } })
    expect(limited.headers.get('retry-after')).toBe('1')
    const db = open(url)
    await db.preload()
    // The first attempt is refused, or is not, as the second has passed; it is stored all the same.
    await db.collections.notes.insert({ id: 'later', text: 'x' }).when('settled')
    expect(db.collections.notes.has('later')).toBe(true)
  })
})

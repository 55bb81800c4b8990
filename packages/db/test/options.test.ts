import { DurableStream } from '@durable-streams/client'
import { batchHandler, eventually } from '@streamdb/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import { openRoom, openScripted, quick, room, user } from './rooms.ts'

describe('the stream', () => {
  test('may be a handle that the application has', async () => {
    const { url, append } = await openRoom([user('u1')])
    const stream = new DurableStream({ url, contentType: 'application/json' })
    const db = createStreamDB({ stream, state: room })
    onTestFinished(() => db.close())
    expect(db.stream).toBe(stream)
    await db.preload()
    await append(user('u2'))
    await eventually(() => expect(db.collections.users.size).toBe(2))
    expect(db.status.name).toBe('live')
  })

  test('[F-net-5] a handle on a stream that is missing fails as any other', async () => {
    const { script } = await openScripted((_request, reply) => reply.status(404))
    const db = createStreamDB({ stream: new DurableStream({ url: script.url }), state: room, retry: quick })
    onTestFinished(() => db.close())
    await expect(db.preload()).rejects.toMatchObject({ code: 'stream-not-found' })
  })

  test('headers, params and fetch of streamOptions go with every request', async () => {
    const asked: string[] = []
    const { script } = await openScripted(batchHandler([[user('u1')], [user('u2')]], { catchUp: 1 }))
    const db = createStreamDB({
      streamOptions: {
        url: script.url,
        headers: { 'x-app': 'room' },
        params: { tenant: 'a b' },
        fetch: (input, init) => {
          asked.push(new URL(String(input)).searchParams.get('live') ?? 'page')
          return fetch(input, init)
        },
      },
      state: room,
    })
    onTestFinished(() => db.close())
    await db.preload()
    await eventually(() => expect(db.collections.users.size).toBe(2))
    expect(asked).toEqual(['page', 'sse'])
    for (const { headers, query } of script.requests) {
      expect([headers['x-app'], query.get('tenant')]).toEqual(['room', 'a b'])
    }
  })

  test('live: long-poll asks once for each batch', async () => {
    const { db, script } = await openScripted(
      batchHandler([[user('u1')], [user('u2')], [user('u3')]], { catchUp: 1 }),
      {
        live: 'long-poll',
      },
    )
    await db.preload()
    await eventually(() => expect(db.collections.users.size).toBe(3))
    await eventually(() =>
      expect(script.requests.map(({ live }) => live ?? 'page')).toEqual([
        'page',
        ...Array<string>(3).fill('long-poll'),
      ]),
    )
  })
})

describe('what cannot be used', () => {
  test.each<[string, unknown]>([
    ['neither streamOptions nor stream', { state: room }],
    ['no state', { streamOptions: { url: 'http://localhost/x' } }],
    ['no URL', { streamOptions: {}, state: room }],
  ])('%s is refused at once, with a typed error', (_what, options) => {
    // What the types refuse, a caller without types may still give.
    expect(() => createStreamDB(options as Parameters<typeof createStreamDB>[0])).toThrow(
      expect.objectContaining({ name: 'StreamDBError', code: 'invalid-options' }),
    )
  })
})

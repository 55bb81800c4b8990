import { DurableStream } from '@durable-streams/client'
import { batchHandler, eventually } from '@streamdb/testkit'
import { openRoom, openScripted, quick, room, user } from '@streamdb/testkit/rooms'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createStreamDB } from '../src/index.ts'

describe('the stream', () => {
  test('may be a handle of the application', async () => {
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

  test('[F-net-5] a handle on a missing stream fails like a URL', async () => {
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

describe('unusable options are refused at once, with a typed error that says which', () => {
  const streamOptions = { url: 'http://localhost/x' }
  const usable = { streamOptions, state: room }
  const { users } = room
  const nothing = (): undefined => undefined

  test.each<[where: string, given: unknown, says: string]>([
    ['no options', undefined, 'expected options to be object but received undefined'],
    ['options', 'http://localhost/x', 'received "http://localhost/x"'],
    ['no stream', { state: room }, 'expected options.streamOptions (or options.stream) to be object'],
    ['streamOptions', { streamOptions: 'http://localhost/x', state: room }, 'received "http://localhost/x"'],
    ['no URL', { streamOptions: {}, state: room }, 'absolute URL of a stream but received "undefined"'],
    [
      'a path',
      { streamOptions: { url: '/x' }, state: room },
      'absolute URL of a stream but received "/x": there is no page here',
    ],
    [
      'stream, a URL',
      { stream: 'http://localhost/x', state: room },
      'options.stream to be object | undefined',
    ],
    ['stream, its options', { stream: streamOptions, state: room }, 'options.stream.stream to be function'],
    [
      'stream, null',
      { stream: null, state: room },
      'options.stream to be object | undefined but received null',
    ],
    ['no state', { streamOptions }, 'expected options.state to be object but received undefined'],
    ['state', { streamOptions, state: 'users' }, 'received "users"'],
    ['state', { streamOptions, state: [users] }, 'received array'],
    ['a definition', { streamOptions, state: { users: 1 } }, 'options.state.users to be object but'],
    [
      'a definition',
      { streamOptions, state: { users: {} } },
      'options.state.users.schema to be object | function',
    ],
    [
      'a schema',
      { streamOptions, state: { users: { ...users, schema: {} } } },
      'users.schema.~standard to be object',
    ],
    [
      'a type',
      { streamOptions, state: { users: { ...users, type: 7 } } },
      'options.state.users.type to be string',
    ],
    [
      'a primary key',
      { streamOptions, state: { users: { ...users, primaryKey: undefined } } },
      'users.primaryKey',
    ],
    [
      'live',
      { ...usable, live: 'websocket' },
      'live to be true | false | "sse" | "long-poll" | undefined but received "websocket"',
    ],
    [
      'onInvalid',
      { ...usable, onInvalid: 'ignore' },
      'onInvalid to be function | "skip" | "fail" | undefined',
    ],
    ['hydrate', { ...usable, hydrate: '{}' }, 'options.hydrate to be object | undefined but received "{}"'],
    ['hydrate', { ...usable, hydrate: null }, 'options.hydrate to be object | undefined but received null'],
    [
      'hydrate.offset',
      { ...usable, hydrate: { offset: 1, items: [] } },
      'options.hydrate.offset to be string',
    ],
    [
      'hydrate.items',
      { ...usable, hydrate: { offset: '1', items: {} } },
      'options.hydrate.items to be array',
    ],
    ['retry', { ...usable, retry: 5 }, 'options.retry to be object | undefined'],
    [
      'retry',
      { ...usable, retry: { maxDelay: NaN } },
      'retry.maxDelay to be number >= 0 | undefined but received NaN',
    ],
    [
      'retry',
      { ...usable, retry: { maxDelay: -1 } },
      'options.retry.maxDelay to be number >= 0 | undefined but received -1',
    ],
    ['retry', { ...usable, retry: { maxRetries: '3' } }, 'options.retry.maxRetries to be number'],
    [
      'a name in retry',
      { ...usable, retry: { retries: 3 } },
      'a name in options.retry to be "initialDelay" | "maxDelay" | "connectTimeout" | "idleTimeout" | "maxRetries" but received "retries"',
    ],
    ['confirmTimeout', { ...usable, confirmTimeout: '5s' }, 'options.confirmTimeout to be number >= 0'],
    ['confirmTimeout', { ...usable, confirmTimeout: NaN }, 'options.confirmTimeout to be number >= 0'],
    ['history', { ...usable, history: 100 }, 'options.history to be true | false | object | undefined'],
    [
      'history',
      { ...usable, history: { limit: -1 } },
      'options.history.limit to be number >= 0 but received -1',
    ],
    ['history', { ...usable, history: {} }, 'options.history.limit to be number >= 0 but received undefined'],
    ...['actions', 'onEvent', 'onBeforeBatch', 'onBatch', 'onError'].map(
      (name) =>
        [
          name,
          { ...usable, [name]: {} },
          `options.${name} to be function | undefined but received object`,
        ] as [string, unknown, string],
    ),
    [
      'onConflict',
      { ...usable, onConflict: nothing },
      'options.onConflict to be object | undefined but received function',
    ],
    ['onConflict', { ...usable, onConflict: { users: true } }, 'options.onConflict.users to be function'],
    [
      'a name in onConflict',
      { ...usable, onConflict: { user: nothing } },
      'a name in options.onConflict to be "users" | "messages" but received "user"',
    ],
    ['actions()', { ...usable, actions: nothing }, 'expected actions() to be object but received undefined'],
    [
      'actions()',
      { ...usable, actions: () => Promise.resolve({}) },
      'actions() to be object but received promise',
    ],
    ['actions()', { ...usable, actions: () => [nothing] }, 'actions() to be object but received array'],
    [
      'an action',
      { ...usable, actions: () => ({ rename: nothing }) },
      'actions().rename to be object but received function',
    ],
    [
      'an action',
      { ...usable, actions: () => ({ rename: {} }) },
      'actions().rename.onMutate to be function but received undefined',
    ],
    [
      'an action',
      { ...usable, actions: () => ({ rename: { onMutate: nothing, mutationFn: 'POST' } }) },
      'actions().rename.mutationFn to be function | undefined but received "POST"',
    ],
  ])('%s: %o', (_where, given, says) => {
    const create = (): unknown =>
      // What the types refuse, a caller without types may still give.
      createStreamDB(given as Parameters<typeof createStreamDB>[0])
    expect(create).toThrow(
      expect.objectContaining({
        name: 'StreamDBError',
        code: 'invalid-options',
        message: expect.stringContaining(says) as unknown,
      }),
    )
  })

  test('usable options are accepted', () => {
    const schema = Object.assign(nothing, { '~standard': users.schema['~standard'] })
    const given: unknown[] = [
      ...[true, false, 'sse', 'long-poll', undefined].map((live) => ({ live })),
      ...['skip', 'fail', nothing, undefined].map((onInvalid) => ({ onInvalid })),
      ...[true, false, { limit: 0 }, { limit: Infinity }, undefined].map((history) => ({ history })),
      ...[0, 1.5, Infinity, undefined].map((confirmTimeout) => ({ confirmTimeout })),
      { retry: {} },
      { retry: { maxRetries: Infinity, idleTimeout: Infinity, initialDelay: 0, maxDelay: undefined } },
      { onConflict: {} },
      { onConflict: { users: nothing, messages: undefined } },
      { actions: () => ({}) },
      { actions: () => ({ rename: { onMutate: nothing, mutationFn: undefined } }) },
      { state: {} },
      { state: Object.assign(Object.create(null) as object, room) },
      { state: { users: { schema, type: 'user', primaryKey: 'id' } } },
      { hydrate: { offset: '0', items: [] } },
      { hydrate: undefined, stream: undefined, onEvent: undefined, actions: undefined },
      { stream: new DurableStream(streamOptions) },
      {
        streamOptions: Object.freeze({
          url: new URL(streamOptions.url),
          headers: Object.freeze({ a: () => 'b' }),
        }),
      },
    ]
    for (const each of given) {
      const options = { ...usable, ...(each as object) }
      createStreamDB(options as Parameters<typeof createStreamDB>[0]).close()
    }
  })

  test('[F-net-1] an infinite time does not end at once', async () => {
    const { db, script } = await openScripted(batchHandler([[user('u1')]]), {
      retry: { connectTimeout: Infinity, idleTimeout: Infinity },
    })
    await db.preload()
    await eventually(() => expect(script.requests.map(({ live }) => live ?? 'page')).toEqual(['page', 'sse']))
    expect(db.status.name).toBe('live')
  })
})

describe('[F-real-40] options that mean nothing are refused, with the nearest that does', () => {
  test.each([
    [{ onMising: 'wait' }, 'options has no option "onMising". Did you mean "onMissing"?'],
    [{ onmissing: 'wait' }, 'Did you mean "onMissing"?'],
    [{ confirmTimeOut: 5 }, 'Did you mean "confirmTimeout"?'],
    [{ onEvents: () => undefined }, 'Did you mean "onEvent"?'],
    [{ waitForStream: true }, 'options has no option "waitForStream". Known options: streamOptions, stream'],
    [{ url: 'http://localhost/x' }, 'options has no option "url". Known options: '],
  ])('%o', (given, says) => {
    const options = { streamOptions: { url: 'http://localhost/x' }, state: room, ...given }
    expect(() => createStreamDB(options)).toThrow(
      expect.objectContaining({ code: 'invalid-options', message: expect.stringContaining(says) as unknown }),
    )
  })

  test('a name whose value is undefined is no option', () => {
    const options = { streamOptions: { url: 'http://localhost/x' }, state: room, onMising: undefined }
    createStreamDB(options).close()
  })

  test.each([[undefined], [null], ['http://localhost/x'], [5]])('createStreamDB(%o)', (given) => {
    // What the types refuse, a caller without types may still give.
    const create = (): unknown => createStreamDB(given as unknown as Parameters<typeof createStreamDB>[0])
    expect(create).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message: expect.stringContaining('expected options to be object but received') as unknown,
      }),
    )
  })
})

describe('[F-real-33] a relative URL', () => {
  test('is resolved against the page', () => {
    vi.stubGlobal('location', { href: 'https://app.test/rooms/' })
    onTestFinished(() => void vi.unstubAllGlobals())
    const db = createStreamDB({ streamOptions: { url: '/streams/1' }, state: room })
    onTestFinished(() => db.close())
    expect(db.stream.url).toBe('https://app.test/streams/1')
  })

  test('is refused where there is no page', () => {
    const create = (): unknown => createStreamDB({ streamOptions: { url: '/streams/1' }, state: room })
    expect(create).toThrow(/absolute URL.*"\/streams\/1".*no page/)
  })
})

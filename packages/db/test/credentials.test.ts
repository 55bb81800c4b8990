import { eventually, gate, logOf, startFaultProxy, unhandledRejections } from '@streamdb/testkit'
import type { FaultProxy, ProxiedRequest } from '@streamdb/testkit'
import { quick, room, roomServer, user } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type { CreateStreamDBOptions, StreamDB } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

const ada = { id: 'a', name: 'Ada' }

/** Gives tokens, each after as long as a test wants, and counts. */
interface TokenSource {
  readonly ask: () => Promise<string>
  /** What it gives, or throws. Read when a run ends. */
  answer: () => string
  /** What each run waits for. */
  until: Promise<void>
  /** Runs in all. */
  runs: number
  running: number
  /** The most that ran at once. */
  most: number
}

function tokenSource(token: string): TokenSource {
  const source: TokenSource = {
    async ask() {
      source.runs++
      source.most = Math.max(source.most, ++source.running)
      try {
        await source.until
        // A refresh is never done at once.
        await new Promise(setImmediate)
        return source.answer()
      } finally {
        source.running--
      }
    },
    answer: () => token,
    until: Promise.resolve(),
    runs: 0,
    running: 0,
    most: 0,
  }
  return source
}

interface Guarded {
  readonly db: StreamDB<Room>
  readonly proxy: FaultProxy
  readonly url: string
  readonly append: (...events: unknown[]) => Promise<string>
  /** Refuses, from now on, whatever comes without this token. */
  accept(token: string, refuses?: (request: ProxiedRequest) => boolean): void
  posts(): number
}

/** Opens a room on the real server, behind a guard that asks for a token. */
async function openGuarded(
  streamOptions: Partial<CreateStreamDBOptions<Room>['streamOptions']>,
  options: Partial<CreateStreamDBOptions<Room>> = {},
): Promise<Guarded> {
  const kit = await roomServer()
  const url = await kit.createStream(undefined, { items: [user('u1')] })
  const proxy = await startFaultProxy(kit.url)
  const db = createStreamDB({
    streamOptions: { url: proxy.through(url), ...streamOptions },
    state: room,
    retry: quick,
    ...options,
  })
  let accepted = 'first'
  let refuses = (_request: ProxiedRequest): boolean => true
  proxy.fault(
    { kind: 'answer', status: 401 },
    { times: Infinity, match: (request) => tokenOf(request) !== accepted && refuses(request) },
  )
  onTestFinished(async () => {
    db.close()
    await proxy.close()
  })
  return {
    db,
    proxy,
    url,
    append: (...events) => kit.appendItems(url, events),
    accept(token, which = () => true) {
      accepted = token
      refuses = which
    },
    posts: () => proxy.requests.filter(({ method }) => method === 'POST').length,
  }
}

function tokenOf({ headers, url }: ProxiedRequest): string | null | undefined {
  return headers.get('authorization') ?? url.searchParams.get('token')
}

const refusedWrites = (request: ProxiedRequest): boolean => request.method === 'POST'

describe('[F-net-4] one refresh at a time', () => {
  test.each(['headers', 'params'] as const)(
    'at the start: a load and a write need %s at the same time, and share one call',
    async (part) => {
      const tokens = tokenSource('first')
      const { opened, open } = gate()
      tokens.until = opened
      const name = part === 'headers' ? 'authorization' : 'token'
      const { db, url } = await openGuarded({ [part]: { [name]: tokens.ask } })
      const loaded = db.preload()
      const written = db.collections.users.insert(ada).when('settled')
      await eventually(() => expect(tokens.runs).toBe(1))
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(tokens.runs).toBe(1)
      open()
      await Promise.all([loaded, written])
      expect(tokens.most).toBe(1)
      expect(await logOf(url)).toHaveLength(2)
    },
  )

  test('refused at the start: both are, then one refresh, then both resume', async () => {
    const tokens = tokenSource('old')
    const { db, proxy, posts } = await openGuarded({ headers: { authorization: tokens.ask } })
    const loaded = db.preload()
    const written = db.collections.users.insert(ada).when('settled')
    await eventually(() => expect(db.status).toMatchObject({ name: 'needs-auth' }))
    await eventually(() => expect(posts()).toBeGreaterThan(2))
    expect(db.pendingWrites).toHaveLength(1)
    tokens.answer = () => 'first'
    await Promise.all([loaded, written])
    expect([db.status.name, tokens.most]).toEqual(['live', 1])
    expect(proxy.requests.length).toBeLessThan(200)
  })

  test.each(['sse', 'long-poll'] as const)(
    'while live (%s), during writes: both refused, one refresh, both resume',
    async (live) => {
      const tokens = tokenSource('first')
      const { db, proxy, append, accept, posts } = await openGuarded(
        { headers: { authorization: tokens.ask } },
        { live },
      )
      await db.preload()
      await eventually(() => expect(proxy.requests.at(-1)?.line).toContain(`live=${live}`))
      accept('second')
      const from = proxy.requests.length
      proxy.cut()
      const written = db.collections.users.insert(ada).when('settled')
      await eventually(() => expect(posts()).toBeGreaterThan(0))
      await eventually(() =>
        expect(db.status).toMatchObject({ name: 'needs-auth', error: { code: 'unauthorized' } }),
      )
      // Both have been refused; what is asked from now on takes its time.
      const { opened, open } = gate()
      tokens.until = opened
      const runs = tokens.runs + 1
      await eventually(() => expect(tokens.runs).toBe(runs))
      db.retry()
      await new Promise((resolve) => setTimeout(resolve, 60))
      expect([tokens.running, tokens.runs]).toEqual([1, runs])
      tokens.answer = () => 'second'
      open()
      await written
      await append(user('u2'))
      await eventually(() => expect([...db.collections.users.keys()].sort()).toEqual(['a', 'u1', 'u2']))
      await eventually(() => expect(db.status.name).toBe('live'))
      expect(tokens.most).toBe(1)
      const refused = proxy.requests.slice(from).filter((request) => tokenOf(request) === 'first')
      expect(refused.map(({ method }) => method)).toEqual(expect.arrayContaining(['GET', 'POST']))
    },
  )

  test('a function that is given for several names runs once for all of them', async () => {
    const tokens = tokenSource('first')
    const { opened, open } = gate()
    tokens.until = opened
    const { db } = await openGuarded({
      headers: { authorization: tokens.ask },
      params: { token: tokens.ask },
    })
    const loaded = db.preload()
    const written = db.collections.users.insert(ada).when('settled')
    await eventually(() => expect(tokens.running).toBe(1))
    open()
    await Promise.all([loaded, written])
    expect(tokens.most).toBe(1)
  })

  test('the next attempt calls the functions again', async () => {
    const headers = { authorization: 'old' }
    const { db } = await openGuarded({ headers })
    const loaded = db.preload()
    await eventually(() => expect(db.status.name).toBe('needs-auth'))
    headers.authorization = 'first'
    await loaded
  })

  test('a call that does not end is given up like a request, and made again; close() does not wait for it', async () => {
    const tokens = tokenSource('first')
    tokens.until = new Promise(() => undefined)
    const { db } = await openGuarded(
      { headers: { authorization: tokens.ask } },
      { retry: { ...quick, connectTimeout: 40 } },
    )
    const loaded = db.preload()
    await eventually(() =>
      expect(db.status).toMatchObject({ name: 'reconnecting', error: { code: 'unreachable' } }),
    )
    tokens.until = Promise.resolve()
    await loaded
    expect(tokens.runs).toBeGreaterThan(1)
    // A live connection has timers of its own, which come and go.
    db.close()

    tokens.until = new Promise(() => undefined)
    const timers = (): number => process.getActiveResourcesInfo().filter((each) => each === 'Timeout').length
    const before = timers()
    const other = await openGuarded({ headers: { authorization: tokens.ask } })
    void other.db.preload()
    const given = other.db.collections.users.insert(ada).when('settled')
    await new Promise(setImmediate)
    other.db.close()
    await expect(given).rejects.toMatchObject({ code: 'closed' })
    await new Promise(setImmediate)
    expect(timers()).toBeLessThanOrEqual(before)
  })
})

describe('[F-net-4] writes', () => {
  test('a write waits for a new token from a function that returns the old one meanwhile', async () => {
    let token = 'first'
    const { db, proxy, accept, posts } = await openGuarded({ headers: { authorization: () => token } })
    await db.preload()
    accept('second')
    proxy.cut()
    const written = db.collections.users.insert(ada).when('settled')
    await eventually(() => expect(posts()).toBeGreaterThan(3))
    expect(db.pendingWrites.map(({ state }) => state.name)).toEqual(['pending'])
    expect(db.status.name).toBe('needs-auth')
    token = 'second'
    await written
    await eventually(() => expect(db.status.name).toBe('live'))
  })

  test('[W2] [F-real-60] refused after an attempt that may have been stored: the log is asked until it answers, and it is stored once', async () => {
    let token = 'first'
    const { db, proxy, url, accept, posts } = await openGuarded({ headers: { authorization: () => token } })
    await db.preload()
    const drop = ({ method }: ProxiedRequest): boolean => {
      if (method === 'POST') accept('second')
      return method === 'POST'
    }
    proxy.fault({ kind: 'drop' }, { match: drop })
    const written = db.collections.users.insert(ada).when('settled')
    const checks = (): number => proxy.requests.filter(({ method }) => method === 'HEAD').length
    await eventually(() => expect(checks()).toBeGreaterThan(3))
    expect(posts()).toBe(1)
    token = 'second'
    await written
    expect(await logOf(url)).toHaveLength(2)
  })

  test('[W1] refused with credentials that can read: they are asked for again once, then the write fails', async () => {
    const tokens = tokenSource('first')
    const { db, accept, posts } = await openGuarded({ headers: { authorization: tokens.ask } })
    await db.preload()
    accept('an administrator', refusedWrites)
    await expect(db.collections.users.insert(ada).when('settled')).rejects.toMatchObject({
      code: 'unauthorized',
    })
    expect([posts(), db.status.name, db.collections.users.has('a')]).toEqual([2, 'live', false])
  })

  test('[W1] refused as often as `maxRetries` allows: unauthorized, and not unknown', async () => {
    const { db, proxy, accept, posts } = await openGuarded(
      { headers: { authorization: () => 'first' } },
      { retry: { ...quick, maxRetries: 2 } },
    )
    await db.preload()
    accept('second', ({ method }) => method !== 'GET')
    await expect(db.collections.users.insert(ada).when('settled')).rejects.toMatchObject({
      code: 'unauthorized',
    })
    expect([posts(), proxy.requests.filter(({ method }) => method === 'HEAD').length]).toEqual([3, 2])
  })
})

describe('[F-net-4] a function that throws', () => {
  test.each([
    ['an error', new Error('no session')],
    [
      '[F-net-5] an error with a status that is not of the stream',
      Object.assign(new Error('gone'), { status: 410 }),
    ],
    ['one with 401', Object.assign(new Error('who are you?'), { status: 401 })],
    ['no error at all', 'oh'],
  ])('%s is a status with its cause, at first and in mid life; both go on', async (_what, thrown) => {
    const tokens = tokenSource('first')
    const fail = (): never => {
      // oxlint-disable-next-line typescript/only-throw-error -- as applications do
      throw thrown
    }
    tokens.answer = fail
    const { db, proxy, posts } = await openGuarded({ headers: { authorization: tokens.ask } })
    const failed = {
      name: 'reconnecting',
      error: {
        name: 'StreamDBError',
        code: 'unreachable',
        message: expect.stringContaining('"authorization"') as unknown,
        cause: thrown,
      },
    }
    const loaded = db.preload()
    const first = db.collections.users.insert(ada).when('settled')
    await eventually(() => expect(db.status).toMatchObject(failed))
    await eventually(() => expect(tokens.runs).toBeGreaterThan(4))
    expect(proxy.requests).toEqual([])
    tokens.answer = () => 'first'
    await Promise.all([loaded, first])

    tokens.answer = fail
    proxy.cut()
    const second = db.collections.users.insert({ id: 'b', name: 'B' }).when('settled')
    await eventually(() => expect(db.status).toMatchObject(failed))
    expect([posts(), db.collections.users.has('b')]).toEqual([1, true])
    tokens.answer = () => 'first'
    await second
    await eventually(() => expect(db.status.name).toBe('live'))
    expect([posts(), tokens.most]).toEqual([2, 1])
  })

  test('always: `maxRetries` gives up with the same error; nothing was sent', async () => {
    const { db, proxy } = await openGuarded(
      {
        headers: {
          authorization: () => {
            throw new Error('no session')
          },
        },
      },
      { retry: { ...quick, maxRetries: 1 } },
    )
    await expect(db.preload()).rejects.toMatchObject({
      code: 'unreachable',
      cause: { message: 'no session' },
    })
    expect(() => db.collections.users.insert(ada)).toThrow(expect.objectContaining({ code: 'unreachable' }))
    expect(proxy.requests).toEqual([])
  })
})

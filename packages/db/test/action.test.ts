import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOptimisticAction } from '@tanstack/db'
import { eventually, gate, logOf, unhandledRejections } from '@streamdb/testkit'
import {
  openProxied,
  openRoom,
  plain,
  publicationsOf,
  room,
  roomServer,
  rowsOf,
  user,
} from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { createStreamDB } from '../src/index.ts'
import type { StreamDBError, Transaction, WriteContext, WriteResult } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

interface NewUser {
  readonly id: string
  readonly name: string
}

describe('an action without mutationFn', () => {
  test('[W1][F-write-2] is one txid and one POST over several collections, and shows insert then update', async () => {
    const { db, url, posts } = await openProxied({
      items: [user('u1'), user('gone')],
      actions: ({ db: { collections } }) => ({
        join: {
          onMutate: ({ id, text }: { id: string; text: string }) => {
            collections.users.insert({ id, name: id })
            collections.users.update('u1', (draft) => void (draft.name = 'greeter'))
            collections.users.delete('gone')
            collections.messages.insert({ id: `of ${id}`, userId: id, text })
          },
        },
      }),
    })
    const users = publicationsOf(db.collections.users)
    const messages = publicationsOf(db.collections.messages)
    const transaction = await db.actions.join({ id: 'u2', text: 'hello' })
    expectTypeOf(transaction).toEqualTypeOf<Transaction>()
    expect(db.pendingWrites).toMatchObject([{ action: 'join', transaction }])
    await transaction.when('settled')
    expect(posts()).toBe(1)
    const log = (await logOf(url)).slice(2)
    expect(new Set(log.map(({ headers }) => headers.txid)).size).toBe(1)
    expect(log.map(({ key, headers }) => `${String(headers.operation)} ${key}`)).toEqual([
      'insert u2',
      'update u1',
      'delete gone',
      'insert of u2',
    ])
    expect(users.flat().sort()).toEqual(['delete gone', 'insert u2', 'update u1', 'update u1', 'update u2'])
    expect(messages).toEqual([['insert of u2'], ['update of u2']])
    expect(plain(db.collections.messages.get('of u2'))).toEqual({
      id: 'of u2',
      userId: 'u2',
      text: 'hello',
      likes: 0,
    })
  })

  test('[W1] db.transact is the ad hoc form; a throw inside shows and writes nothing', async () => {
    const { db, posts } = await openProxied()
    const transaction = db.transact(() => {
      db.collections.users.insert({ id: 'a', name: 'A' })
      db.collections.messages.insert({ id: 'm', userId: 'a', text: 'x' })
    })
    await transaction.when('settled')
    expect(posts()).toBe(1)
    const mistake = new Error('mistake')
    expect(() =>
      db.transact(() => {
        db.collections.users.insert({ id: 'b', name: 'B' })
        throw mistake
      }),
    ).toThrow(mistake)
    const refused = expect.objectContaining({ code: 'invalid-write' })
    expect(() =>
      db.transact(() => {
        db.collections.users.insert({ id: 'b', name: 'B' })
        db.collections.users.insert({ id: 'a', name: 'again' })
      }),
    ).toThrow(refused)
    // An async function would go on outside of the transaction.
    expect(() => db.transact(async () => void db.collections.users.insert({ id: 'b', name: 'B' }))).toThrow(
      refused,
    )
    expect(rowsOf(db.collections.users)).toEqual({ a: { id: 'a', name: 'A' } })
    expect([posts(), db.pendingWrites]).toEqual([1, []])
  })

  test('[W1] a row that is inserted and deleted in one transaction is not written', async () => {
    const { db, posts } = await openProxied()
    const transaction = db.transact(() => {
      db.collections.users.insert({ id: 'a', name: 'A' })
      db.collections.users.delete('a')
    })
    await transaction.when('settled')
    expect([posts(), db.collections.users.size]).toEqual([0, 0])
  })
})

describe('an action with mutationFn', () => {
  test('[W1] as the published documentation has it, with parameters that are not annotated', async () => {
    const { db, posts } = await openProxied({
      actions: ({ db: own, stream }) => ({
        addUser: {
          onMutate: (added) => {
            own.collections.users.insert(added)
          },
          mutationFn: async (added) => {
            const txid = crypto.randomUUID()
            await stream.append(JSON.stringify(room.users.insert({ value: added, headers: { txid } })))
            await own.utils.awaitTxId(txid)
          },
        },
        updateUser: {
          onMutate: ({ id, updates }) => {
            own.collections.users.update(id, (draft) => {
              Object.assign(draft, updates)
            })
          },
          mutationFn: async ({ id, updates }) => {
            const txid = crypto.randomUUID()
            const current = own.collections.users.get(id)
            if (current === undefined) throw new Error('no such user')
            const value = { ...current, ...updates }
            await stream.append(
              JSON.stringify(room.users.update({ value, oldValue: current, headers: { txid } })),
            )
            await own.utils.awaitTxId(txid)
          },
        },
      }),
    })
    const published = publicationsOf(db.collections.users)
    await (await db.actions.addUser({ id: '1', name: 'Kyle' })).when('settled')
    await db.actions.updateUser({ id: '1', updates: { name: 'Kyle Mathews' } }).when('settled')
    expect(rowsOf(db.collections.users)).toEqual({ 1: { id: '1', name: 'Kyle Mathews' } })
    expect(published).toEqual([['insert 1'], ['update 1'], ['update 1'], ['update 1']])
    expect(posts()).toBe(2)
  })

  test('parameters are inferred from onMutate, and mutationFn is given the same', async () => {
    const { db } = await openRoom([], {})
    const typed = createStreamDB({
      stream: db.stream,
      state: room,
      actions: ({ db: own }) => ({
        add: {
          onMutate: (added: NewUser) => void own.collections.users.insert(added),
          mutationFn: async (added: NewUser, context: WriteContext) =>
            void (await Promise.resolve([added, context])),
        },
        clear: { onMutate: () => own.collections.users.delete([...own.collections.users.keys()]) },
      }),
    })
    expectTypeOf(typed.actions.add).toEqualTypeOf<(params: NewUser) => Transaction>()
    expectTypeOf(typed.actions.clear).toEqualTypeOf<() => Transaction>()
    // @ts-expect-error: no such action
    expect(typed.actions.none).toBeUndefined()
    typed.close()
  })

  test.each<
    [
      string,
      (
        context: WriteContext,
        append: (events: readonly unknown[]) => Promise<unknown>,
      ) => Promise<WriteResult>,
    ]
  >([
    ['only appends the events, and does not wait', async ({ events }, append) => void (await append(events))],
    [
      'appends events of its own, without the txid, and does not wait',
      async ({ events }, append) =>
        void (await append(events.map((event) => ({ ...event, headers: { operation: 'upsert' } })))),
    ],
    [
      'returns a txid',
      async ({ events, txid }, append) => {
        await append(events)
        return txid
      },
    ],
    [
      'returns several txids',
      async ({ events }, append) => {
        await append(events.map((event) => ({ ...event, headers: { operation: 'insert', txid: 'one' } })))
        await append([room.users.insert({ value: { id: 'more', name: 'more' }, headers: { txid: 'two' } })])
        return ['one', 'two']
      },
    ],
  ])('[F-write-2] that %s: the overlay stays until the row is there', async (_what, send) => {
    const kit = await roomServer()
    let append = (_events: readonly unknown[]): Promise<unknown> => Promise.resolve()
    const { db, url } = await openProxied({
      actions: ({ db: own }) => ({
        add: {
          onMutate: (added: NewUser) => void own.collections.users.insert(added),
          mutationFn: (_added: NewUser, context: WriteContext) => send(context, (events) => append(events)),
        },
      }),
    })
    append = (events) => kit.appendItems(url, events)
    const published = publicationsOf(db.collections.users)
    await db.actions.add({ id: 'a', name: 'A' }).when('settled')
    expect(published.flat().filter((change) => change.endsWith(' a'))).toEqual(['insert a', 'update a'])
    expect(db.collections.users.get('a')?.$hasPendingWrites).toBe(false)
  })

  test('[F-write-2] a change of the row by another writer does not remove the overlay', async () => {
    const kit = await roomServer()
    const waiting = gate()
    let append = (_events: readonly unknown[]): Promise<unknown> => Promise.resolve()
    const { db, url } = await openProxied({
      items: [user('u1')],
      actions: ({ db: own }) => ({
        rename: {
          onMutate: (name: string) =>
            void own.collections.users.update('u1', (draft) => void (draft.name = name)),
          mutationFn: async () => {
            await waiting.opened
            await append([room.users.upsert({ value: { id: 'u1', name: 'ours, as the server has it' } })])
          },
        },
      }),
    })
    append = (events) => kit.appendItems(url, events)
    const names: unknown[] = []
    db.collections.users.subscribeChanges((changes) => names.push(...changes.map(({ value }) => value.name)))
    const transaction = db.actions.rename('ours')
    await append([user('u1', 'theirs'), user('u2')])
    await eventually(() => expect(db.collections.users.has('u2')).toBe(true))
    expect(db.collections.users.get('u1')?.name).toBe('ours')
    waiting.open()
    await transaction.when('settled')
    expect(names).toEqual(['ours', 'name of u2', 'ours, as the server has it'])
  })

  test('[F-write-2] that writes under other keys, as its server does: the overlay goes with their arrival', async () => {
    const kit = await roomServer()
    let append = (_events: readonly unknown[]): Promise<unknown> => Promise.resolve()
    const { db, url } = await openProxied({
      actions: ({ db: own }) => ({
        add: {
          onMutate: (name: string) => void own.collections.users.insert({ id: 'temporary', name }),
          mutationFn: async (name: string) => void (await append([user('permanent', name)])),
        },
        nothing: {
          onMutate: () => void own.collections.users.insert({ id: 'refused', name: 'by the server' }),
          mutationFn: () => Promise.resolve(),
        },
      }),
    })
    append = (events) => kit.appendItems(url, events)
    const began = performance.now()
    await db.actions.add('A').when('settled')
    expect(rowsOf(db.collections.users)).toEqual({ permanent: { id: 'permanent', name: 'A' } })
    await db.actions.nothing().when('settled')
    expect(db.collections.users.size).toBe(1)
    expect(performance.now() - began).toBeLessThan(3000)
  })

  test('[W1] that calls a server of its own, which writes to the stream', async () => {
    const kit = await roomServer()
    const { db, url } = await openProxied({
      actions: ({ db: own }) => ({
        add: {
          onMutate: (added: NewUser) => void own.collections.users.insert(added),
          mutationFn: async (added: NewUser, { txid, signal }: WriteContext) => {
            const response = await fetch(api, {
              method: 'POST',
              body: JSON.stringify({ added, txid }),
              signal,
            })
            if (!response.ok) throw new Error(`the application's server answered ${response.status}`)
            const answer: unknown = await response.json()
            return (answer as { txid: string }).txid
          },
        },
      }),
    })
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += String(chunk)
      const { added, txid } = JSON.parse(body) as { added: NewUser; txid: string }
      if (added.name === '') {
        response.writeHead(422).end()
        return
      }
      await kit.appendItems(url, [
        room.users.insert({ value: { ...added, name: added.name.trim() }, headers: { txid } }),
      ])
      response.end(JSON.stringify({ txid }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await db.actions.add({ id: 'a', name: ' Ada ' }).when('settled')
    expect(plain(db.collections.users.get('a'))).toEqual({ id: 'a', name: 'Ada' })
    await expect(db.actions.add({ id: 'b', name: '' }).when('settled')).rejects.toMatchObject({
      code: 'write-failed',
      message: expect.stringContaining('answered 422') as unknown,
    })
    expect(db.collections.users.has('b')).toBe(false)
  })

  test('[W1] that throws is taken back, and its error is the cause', async () => {
    const mistake = new Error('mistake')
    const { db } = await openProxied({
      actions: ({ db: own }) => ({
        later: {
          onMutate: () => void own.collections.users.insert({ id: 'a', name: 'A' }),
          mutationFn: () => Promise.reject(mistake),
        },
        atOnce: {
          onMutate: () => void own.collections.users.insert({ id: 'b', name: 'B' }),
          mutationFn: () => {
            throw mistake
          },
        },
      }),
    })
    const published = publicationsOf(db.collections.users)
    for (const act of [db.actions.later, db.actions.atOnce]) {
      const transaction = act()
      await expect(transaction.when('settled')).rejects.toMatchObject({
        code: 'write-failed',
        cause: mistake,
      })
      expect(db.writeOf(transaction)?.state).toMatchObject({ name: 'failed', error: { cause: mistake } })
    }
    expect(published).toEqual([['insert a'], ['delete a'], ['insert b'], ['delete b']])
  })

  test('[F-write-5] that never answers ends with close(), and is told by its signal', async () => {
    let told: AbortSignal | undefined
    const { db } = await openProxied({
      actions: ({ db: own }) => ({
        hang: {
          onMutate: () => void own.collections.users.insert({ id: 'a', name: 'A' }),
          mutationFn: (_: unknown, { signal }: WriteContext) => {
            told = signal
            return new Promise<never>(() => undefined)
          },
        },
      }),
    })
    const transaction = db.actions.hang()
    await eventually(() => expect(told).toBeDefined())
    const ends: string[] = []
    db.subscribeWrites(() => ends.push(db.writeOf(transaction)?.state.name ?? ''))
    db.close()
    // At once: nothing runs after close() has returned (SPEC L1).
    expect(ends).toEqual(['failed'])
    expect(told?.aborted).toBe(true)
    await expect(transaction.when('settled')).rejects.toMatchObject({ code: 'closed' })
    expect(ends).toEqual(['failed'])
    expect(db.collections.users.has('a')).toBe(false)
  })

  test('[W4] that returns a txid which never comes: unknown, not failed', async () => {
    const { db } = await openProxied({
      confirmTimeout: 30,
      actions: ({ db: own }) => ({
        lose: {
          onMutate: () => void own.collections.users.insert({ id: 'a', name: 'A' }),
          mutationFn: () => Promise.resolve('nowhere'),
        },
      }),
    })
    await expect(db.actions.lose().when('settled')).rejects.toMatchObject({
      code: 'write-unknown',
      message: expect.stringContaining('nowhere') as unknown,
    })
  })

  test("[W1] TanStack's own createOptimisticAction that waits for its txid does not block itself", async () => {
    const { db } = await openProxied()
    const add = createOptimisticAction<NewUser>({
      onMutate: (added) => void db.collections.users.insert(added),
      mutationFn: async (added) => {
        await db.stream.append(
          JSON.stringify(room.users.insert({ value: added, headers: { txid: 'theirs' } })),
        )
        await db.utils.awaitTxId('theirs')
      },
    })
    await add({ id: 'a', name: 'A' }).when('settled')
    expect(plain(db.collections.users.get('a'))).toEqual({ id: 'a', name: 'A' })
  })

  test('[W3][F-write-1] two long overlapping actions hold nothing back', async () => {
    const kit = await roomServer()
    const [first, second] = [gate(), gate()]
    let append = (_events: readonly unknown[]): Promise<unknown> => Promise.resolve()
    const { db, url } = await openProxied({
      items: [user('u1')],
      actions: ({ db: own }) => ({
        rename: {
          onMutate: (name: string) =>
            void own.collections.users.update('u1', (draft) => void (draft.name = name)),
          mutationFn: async (name: string, { events, txid }: WriteContext) => {
            await (name === 'first' ? first : second).opened
            await append(events)
            return txid
          },
        },
      }),
    })
    append = (events) => kit.appendItems(url, events)
    const { users } = db.collections
    const published = publicationsOf(users)
    const one = db.actions.rename('first')
    const two = db.actions.rename('second')
    for (let round = 0; round < 5; round++) {
      await append([user(`r${round}`), user('u1', `remote ${round}`)])
      await eventually(() => expect(users.has(`r${round}`)).toBe(true))
    }
    expect(users.get('u1')?.name).toBe('second')
    // They land in the other order: the log decides.
    second.open()
    await two.when('settled')
    first.open()
    await one.when('settled')
    expect(users.get('u1')?.name).toBe('first')
    expect(published.flat().filter((change) => change.startsWith('delete'))).toEqual([])
  })
})

describe('what a mutationFn returns', () => {
  /** Opens a room with an action that runs `send`. */
  async function openWith(send: (context: WriteContext) => Promise<WriteResult>, confirmTimeout = 30_000) {
    const kit = await roomServer()
    const errors: StreamDBError[] = []
    const opened = await openProxied({
      confirmTimeout,
      onError: (error) => errors.push(error),
      actions: ({ db: own }) => ({
        add: {
          onMutate: (added: NewUser) => void own.collections.users.insert(added),
          mutationFn: (_added: NewUser, context: WriteContext) => send(context),
        },
      }),
    })
    const append = (events: readonly unknown[]): Promise<unknown> => kit.appendItems(opened.url, events)
    return { ...opened, append, errors }
  }

  test.each<[string, (txid: string) => WriteResult]>([
    ['{ txid }', (txid) => ({ txid })],
    ['{ txid: [] } of several', (txid) => ({ txid: [txid] })],
    ['an array', (txid) => [txid]],
    ['a text', (txid) => txid],
  ])('[F-real-12] %s is awaited: the row does not vanish in between', async (_what, returned) => {
    const arriving = gate()
    const opened = await openWith((context) => {
      const value = { id: 'a', name: 'A' }
      const event = room.users.insert({ value, headers: { txid: 'of the server' } })
      void arriving.opened.then(() => opened.append([event]))
      return Promise.resolve(returned(context.txid === '' ? '' : 'of the server'))
    })
    const { users } = opened.db.collections
    const published = publicationsOf(users)
    const transaction = opened.db.actions.add({ id: 'a', name: 'A' })
    await eventually(() => expect(opened.db.writeOf(transaction)?.state.name).toBe('acknowledged'))
    await opened.append([user('other')])
    await eventually(() => expect(users.has('other')).toBe(true))
    expect(users.has('a')).toBe(true)
    arriving.open()
    await transaction.when('settled')
    expect(published.flat().filter((each) => each.endsWith(' a'))).toEqual(['insert a', 'update a'])
  })

  test('[F-real-12] a number is the text that spells it', async () => {
    const opened = await openWith(async () => {
      await opened.append([room.users.insert({ value: { id: 'a', name: 'A' }, headers: { txid: '4711' } })])
      return { txid: 4711 }
    })
    await opened.db.actions.add({ id: 'a', name: 'A' }).when('settled')
  })

  test.each<[unknown, string]>([
    [{ id: 'a' }, 'an object without a txid'],
    [null, 'null'],
    [true, 'true'],
    ['', '""'],
    [Number.NaN, 'null'],
    [['tx', {}], 'an array that holds an object without a txid'],
    [{ txid: undefined }, '{ txid: undefined }'],
    [new Response(), 'a Response'],
  ])('[F-real-12] %o is refused, with what was expected', async (result, described) => {
    // Not what its type takes, on purpose.
    const { db } = await openWith(() => Promise.resolve(result as string))
    const error: unknown = await db.actions
      .add({ id: 'a', name: 'A' })
      .when('settled')
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'write-unknown' })
    expect((error as StreamDBError).message).toContain(
      `The mutationFn of the action "add" returned ${described}: expected nothing, a txid`,
    )
  })

  test('[F-real-36] parameters of mutationFn are checked against onMutate and, by action(), inferred from it', async () => {
    const { db } = await openRoom()
    const typed = createStreamDB({
      stream: db.stream,
      state: room,
      actions: ({ action }) => ({
        rename: action({
          onMutate: (name: string) => void name,
          mutationFn: (name, { txid }) => {
            expectTypeOf(name).toEqualTypeOf<string>()
            return Promise.resolve(txid)
          },
        }),
        annotated: { onMutate: (name: string) => void name, mutationFn: async (_name: string) => undefined },
        clear: { onMutate: () => undefined, mutationFn: async (_none: undefined) => undefined },
      }),
    })
    expectTypeOf(typed.actions.rename).parameters.toEqualTypeOf<[params: string]>()
    expectTypeOf(typed.actions.annotated).parameters.toEqualTypeOf<[name: string]>()
    typed.close()
    const wrong = createStreamDB({
      stream: db.stream,
      state: room,
      // @ts-expect-error: a text is no number
      actions: () => ({
        add: { onMutate: (name: string) => void name, mutationFn: async (_id: number) => undefined },
      }),
    })
    wrong.close()
  })

  test('[F-real-12] anything else is a type error', async () => {
    const { db } = await openRoom()
    const typed = createStreamDB({
      stream: db.stream,
      state: room,
      // @ts-expect-error: a response is no txid
      actions: () => ({ add: { onMutate: () => undefined, mutationFn: () => fetch('http://stream.test/') } }),
    })
    typed.close()
  })

  test.each<
    [string, (append: (txid: string) => Promise<unknown>, context: WriteContext) => Promise<never>, string]
  >([
    ['under its txid', async (append, { txid }) => thrown(await append(txid)), 'confirmed'],
    ['under another', async (append) => thrown(await append('another')), 'write-unknown'],
    ['nothing', () => Promise.reject(new Error('later')), 'write-failed'],
  ])(
    '[F-real-78] a mutationFn that appended %s, and then threw: the log is asked',
    async (_what, send, end) => {
      let append = (_txid: string): Promise<unknown> => Promise.resolve()
      const opened = await openWith((context) => send((txid) => append(txid), context))
      append = (txid) =>
        opened.append([room.users.insert({ value: { id: 'a', name: 'A' }, headers: { txid } })])
      const { db, errors } = opened
      const transaction = db.actions.add({ id: 'a', name: 'A' })
      await transaction.when('settled').catch(() => undefined)
      const state = db.writeOf(transaction)?.state
      expect(state?.name === 'failed' ? state.error.code : state?.name).toBe(end)
      if (state?.name === 'failed') expect(state.error).toMatchObject({ cause: { message: 'later' } })
      // The write is confirmed, and what its function threw is not lost.
      else await eventually(() => expect(errors).toMatchObject([{ cause: { message: 'later' } }]))
      expect(db.collections.users.has('a')).toBe(end !== 'write-failed')
    },
  )
})

function thrown(_after: unknown): never {
  throw new Error('later')
}

import { createStreamDB } from '@streamdb/db'
import { memoryStorage } from '@streamdb/persist'
import type { StreamStorage } from '@streamdb/log'
import type { StandardSchema } from '@streamdb/state'
import { build } from 'esbuild'
import { itemsOf } from '@streamdb/testkit'
import { afterAll, expect, expectTypeOf, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { serverAction } from '../src/client/index.ts'
import { createStreamHandler, defineServerAction } from '../src/index.ts'
import type { ServerAction } from '../src/index.ts'
import { authenticate, failure, post, serve } from './gateway-kit.ts'
import type { User } from './gateway-kit.ts'
import { kit, quick, stopKit } from './logs.ts'
import { openBank } from './programs/bank-client.ts'
import { runs, transfer } from './programs/bank-server.ts'
import { state } from './programs/bank.ts'

afterAll(stopKit)

const accounts = [
  state.accounts.insert({ value: { id: 'a', owner: 'ada', balance: 100 } }),
  state.accounts.insert({ value: { id: 'b', owner: 'bob', balance: 0 } }),
]
const type = { 'content-type': 'application/vnd.streamdb.action+json' }

/** What these tests have written. */
interface StoredEvent {
  readonly type: string
  readonly key: string
  readonly value?: { readonly balance?: number }
  readonly headers: Record<string, unknown>
}

let folders = 0

/** A bank on the real server. Nobody writes its rows but by actions. */
async function startBank(actions: readonly ServerAction<StandardSchema, User>[] = [transfer]) {
  const streams = await kit()
  const folder = `${streams.url}/actions/${++folders}`
  const direct = `${folder}/bank`
  await fetch(direct, { method: 'PUT', headers: { 'content-type': 'application/json' } })
  await streams.appendItems(direct, [...accounts])
  return {
    direct,
    async gateway(): Promise<string> {
      const authorize = (): boolean => false
      return `${await serve(createStreamHandler({ state, authenticate, authorize, upstream: folder, actions }))}/bank`
    },
    async events(): Promise<StoredEvent[]> {
      const all = await itemsOf<StoredEvent>(await fetch(`${direct}?offset=-1`))
      return all.slice(accounts.length)
    },
  }
}

interface Options {
  readonly user?: string
  readonly fetch?: typeof fetch
  readonly storage?: StreamStorage
}

function open(url: string, { user = 'ada', fetch, storage }: Options = {}) {
  const headers = { authorization: `Bearer ${user}` }
  const stored = storage && { storage, offline: true }
  const db = openBank({
    streamOptions: { url, headers, ...(fetch && { fetch }) },
    ...{ retry: quick },
    ...stored,
  })
  onTestFinished(() => db.close())
  return db
}

test('[AZ7] an action runs on the server in one transaction, is shown before, and is confirmed by the log', async () => {
  const bank = await startBank()
  const url = await bank.gateway()
  const db = open(url)
  await db.preload()
  expectTypeOf(db.actions.transfer).parameter(0).toExtend<{ from: string; to: string }>()
  const paying = db.actions.transfer({ from: 'a', to: 'b', amount: '30' })
  expect(db.collections.accounts.get('b')?.balance).toBe(30)
  await paying.when('settled')
  expect(db.collections.accounts.toArray).toMatchObject([{ balance: 70 }, { balance: 30 }])
  // What only the server wrote is there as well.
  expect(db.collections.transfers.toArray).toMatchObject([{ by: 'ada', amount: 30 }])
  const events = await bank.events()
  expect(events.map(({ key }) => key.slice(0, 1))).toEqual(['a', 'b', '2'])
  const txids = new Set(events.map(({ headers }) => headers['txid']))
  expect(txids.size).toBe(1)
  expect(events.every(({ headers }) => headers['principal'] === 'ada')).toBe(true)
  // Nobody may do that without the action.
  const direct = db.collections.accounts.update('a', (row) => void (row.balance = 1e6))
  expect(await failure(direct.when('settled'))).toMatchObject({ status: 403 })
})

test('[AZ7] an action that refuses, or throws, writes nothing, and its optimistic half is taken back', async () => {
  const failing = defineServerAction('fail', z.object({}), ({ update }) => {
    update(state.accounts, 'a', { balance: 0 })
    throw new Error('the printer is on fire')
  })
  const bank = await startBank([transfer, failing])
  const url = await bank.gateway()
  const db = open(url)
  await db.preload()
  const refused = db.actions.transfer({ from: 'a', to: 'b', amount: 1000 })
  expect(await failure(refused.when('settled'))).toMatchObject({
    code: 'write-failed',
    status: 422,
    reason: { code: 'too-little', path: '/params/amount', message: '100 is too little' },
  })
  expect(db.collections.accounts.get('a')?.balance).toBe(100)
  const answer = await post(url, { action: 'fail', txid: 't', params: {} }, { headers: type })
  expect(answer).toMatchObject({
    status: 422,
    // What was thrown is for whoever runs the server.
    error: { code: 'action-failed', message: 'The action "fail" failed.' },
  })
  expect(await bank.events()).toEqual([])
})

test('[AZ7] parameters are validated on both sides', async () => {
  const bank = await startBank()
  const url = await bank.gateway()
  const db = open(url)
  await db.preload()
  expect(() => db.actions.transfer({ from: 'a', to: 'b', amount: -1 })).toThrow('at /amount')
  expect(db.pendingWrites).toEqual([])
  const call = (body: unknown) => post(url, body, { headers: type })
  expect(
    await call({ action: 'transfer', txid: 't', params: { from: 'a', to: 'b', amount: -1 } }),
  ).toMatchObject({
    status: 422,
    error: { code: 'invalid-params', path: '/params/amount', txid: 't' },
  })
  expect(await call({ action: 'constructor', txid: 't' })).toMatchObject({
    error: { code: 'unknown-action' },
  })
  expect(await call({ action: 'transfer', params: {} })).toMatchObject({ error: { code: 'invalid-call' } })
  expect(await call('no JSON')).toMatchObject({ status: 400, error: { code: 'invalid-json' } })
  expect(await bank.events()).toEqual([])
})

test('[AZ8] a call that is sent again runs once, also by a gateway that was started since', async () => {
  const bank = await startBank()
  const first = await bank.gateway()
  const body = { action: 'transfer', txid: 'once', params: { from: 'a', to: 'b', amount: 10 } }
  const statuses = []
  for (const url of [first, first, await bank.gateway()])
    statuses.push((await post(url, body, { headers: type })).status)
  expect(statuses).toEqual([204, 204, 204])
  expect(runs.filter((txid) => txid === 'once')).toHaveLength(1)
  expect(await bank.events()).toHaveLength(3)
  // A transaction of another principal is another one.
  expect((await post(first, body, { headers: type, user: 'bob' })).error).toMatchObject({ code: 'not-yours' })
})

test('[AZ8] a call whose answer is lost is sent again, and runs once', async () => {
  const bank = await startBank()
  let lost = 0
  const losing: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    if (init?.method !== 'POST' || lost++ > 0) return response
    await response.arrayBuffer()
    throw new TypeError('fetch failed')
  }
  const db = open(await bank.gateway(), { fetch: losing })
  await db.preload()
  await db.actions.transfer({ from: 'a', to: 'b', amount: 10 }).when('settled')
  await db.actions.transfer({ from: 'a', to: 'b', amount: 10 }).when('settled')
  expect(await bank.events()).toHaveLength(6)
  expect(db.collections.accounts.get('b')?.balance).toBe(20)
})

test('[AZ8] calls of many at once are one after the other in the log, through several gateways', async () => {
  const bank = await startBank()
  const urls = [await bank.gateway(), await bank.gateway()]
  const calls = Array.from({ length: 12 }, (_, index) =>
    post(
      urls[index % 2] ?? '',
      { action: 'transfer', txid: `t${index}`, params: { from: 'a', to: 'b', amount: 10 } },
      { headers: type },
    ),
  )
  const answers = await Promise.all(calls)
  const codes = answers.map(({ status, error }) => error?.code ?? status).sort()
  // Ten times ten are all that there is.
  expect(codes).toEqual([...Array.from({ length: 10 }, () => 204), 'too-little', 'too-little'])
  const balances = (await bank.events()).filter(({ key }) => key === 'a').map(({ value }) => value?.balance)
  expect(balances).toEqual([90, 80, 70, 60, 50, 40, 30, 20, 10, 0])
})

test('[AZ8] a call that is made offline is kept by its name and parameters, and runs once when there is a server', async () => {
  const bank = await startBank()
  const url = await bank.gateway()
  const storage = memoryStorage()
  let isOnline = true
  const flaky: typeof fetch = (input, init) =>
    isOnline || init?.method !== 'POST' ? fetch(input, init) : Promise.reject(new TypeError('fetch failed'))
  const first = open(url, { storage, fetch: flaky })
  await first.preload()
  isOnline = false
  first.actions.transfer({ from: 'a', to: 'b', amount: 10 })
  expect(first.outbox?.get()).toMatchObject([{ action: 'transfer' }])
  await first.storage?.flush()
  first.close()

  const second = open(url, { storage })
  await second.preload()
  await Promise.all(second.pendingWrites.map(({ transaction }) => transaction.when('settled')))
  expect(second.collections.accounts.get('b')?.balance).toBe(10)
  expect(await bank.events()).toHaveLength(3)
  expect(second.outbox?.get()).toEqual([])
})

test('[AZ7] rows of an action: it sees what it wrote; a row that is there, and one that is not; nothing at all', async () => {
  const row = { id: 'c', owner: 'ada', balance: 1 }
  const params = z.object({ what: z.string() })
  let late: Promise<unknown> = Promise.resolve()
  const play = defineServerAction('play', params, (action) => {
    const { rows } = action
    if (action.params.what === 'insert') action.insert(state.accounts, { ...row, id: 'a' })
    if (action.params.what === 'update') action.update(state.accounts, 'c', { balance: 2 })
    if (action.params.what === 'invalid') action.upsert(state.accounts, { ...row, balance: Number.NaN })
    if (action.params.what === 'late') {
      late = new Promise((resolve) => setTimeout(resolve, 0)).then(() => {
        try {
          return action.delete(state.accounts, 'a')
        } catch (error) {
          return error
        }
      })
    }
    if (action.params.what !== 'all') return
    action.insert(state.accounts, row)
    action.update(state.accounts, 'c', { balance: (rows.get(state.accounts, 'c')?.balance ?? 0) + 1 })
    action.delete(state.accounts, 'a')
    action.delete(state.accounts, 'a')
    const left = [...rows.entries(state.accounts)].map(([key, { balance }]) => `${key}${balance}`)
    action.upsert(state.transfers, {
      id: left.sort().join(),
      by: String(rows.headers(state.accounts, 'c')?.['principal']),
      amount: 0,
    })
  })
  const bank = await startBank([play])
  const url = await bank.gateway()
  const call = (what: string) =>
    post(url, { action: 'play', txid: what, params: { what } }, { headers: type })
  expect(await call('nothing')).toMatchObject({ status: 204 })
  expect(await call('insert')).toMatchObject({ error: { code: 'row-exists' } })
  expect(await call('update')).toMatchObject({ error: { code: 'row-missing' } })
  expect(await call('invalid')).toMatchObject({ error: { code: 'schema', path: '/value/balance' } })
  // What it has not awaited writes nothing.
  expect(await call('late')).toMatchObject({ status: 204 })
  expect(await late).toMatchObject({ code: 'action-over' })
  expect(await bank.events()).toEqual([])
  expect(await call('all')).toMatchObject({ status: 204 })
  const events = await bank.events()
  expect(events.map(({ key, headers }) => `${String(headers['operation'])} ${key}`)).toEqual([
    'insert c',
    'update c',
    'delete a',
    'upsert b0,c2',
  ])
  expect(events.at(-1)?.value).toMatchObject({ by: 'ada' })
  // A call that writes nothing ends as well.
  const db = createStreamDB({
    streamOptions: { url, headers: { authorization: 'Bearer ada' } },
    state,
    actions: () => ({ play: serverAction('play', params) }),
  })
  onTestFinished(() => db.close())
  await db.preload()
  await db.actions.play({ what: 'nothing' }).when('settled')
})

test('[AZ5] a stream without a gateway does not store a call, and the caller is told why', async () => {
  const bank = await startBank()
  const db = open(bank.direct)
  await db.preload()
  const error = await failure(db.actions.transfer({ from: 'a', to: 'b', amount: 1 }).when('settled'))
  expect(error).toMatchObject({
    code: 'write-failed',
    message: expect.stringContaining('runs no server actions') as string,
  })
  expect(await bank.events()).toEqual([])
})

test('[AZ9] the bundle of a client has neither the handler nor the gateway', async () => {
  const entry = new URL('programs/bank-client.ts', import.meta.url).pathname
  const { outputFiles, metafile } = await build({
    ...{
      entryPoints: [entry],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      metafile: true,
    },
    logLevel: 'error',
  })
  expect(outputFiles[0]?.text).toContain('transfer')
  expect(outputFiles[0]?.text).not.toContain('secret rule')
  const inputs = Object.keys(metafile.inputs).filter((input) => /packages\/server\/|bank-server/.test(input))
  expect(inputs.map((input) => input.replace(/.*packages\/server\//, '')).sort()).toEqual([
    'src/client/index.ts',
    'test/programs/bank-client.ts',
    'test/programs/bank.ts',
  ])
})

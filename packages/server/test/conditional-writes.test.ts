import { rowVersion } from '@streamdb/state'
import { memoryStorage } from '@streamdb/persist'
import { afterAll, expect, test } from 'vitest'
import { open, startStream, state, zero } from './conditional-kit.ts'
import { failure, post } from './gateway-kit.ts'
import { stopKit } from './logs.ts'

afterAll(stopKit)

const conflict = (current: object) => ({
  code: 'write-failed',
  status: 409,
  reason: { code: 'conflict', path: '/headers/expect', current },
})

test('[AZ4] of two who change a row that both have seen, the second fails, and is told what is there now', async () => {
  const stream = await startStream(zero)
  const url = await stream.gateway()
  const [ada, bob] = [open(url, 'ada'), open(url, 'bob')]
  await Promise.all([ada.preload(), bob.preload()])
  const set = (db: typeof ada, n: number) =>
    db.transact(() => db.collections.counters.update('a', (row) => void (row.n = n)), { expect: 'unchanged' })
  const both = [set(ada, 1), set(bob, 2)]
  const ends = await Promise.allSettled(both.map((each) => each.when('settled')))
  const [update] = (await stream.events()).filter(({ headers }) => headers['operation'] === 'update')
  const winner = update?.value?.n ?? 0
  expect(ends.map(({ status }) => status)).toEqual(
    winner === 1 ? ['fulfilled', 'rejected'] : ['rejected', 'fulfilled'],
  )
  const lost = await failure(both[2 - winner]?.when('settled') ?? Promise.resolve())
  const row = { id: 'a', n: winner, step: 1 }
  expect(lost).toMatchObject(conflict({ type: 'counter', key: 'a', row, version: rowVersion(row) }))
  // What is decided is not in the log.
  expect((await stream.events()).every(({ headers }) => headers['expect'] === undefined)).toBe(true)
})

test('[AZ4] rows as somebody saw them, written or not, and rows that are not to be there', async () => {
  const stream = await startStream(zero)
  const url = await stream.gateway()
  const db = open(url)
  await db.preload()
  const { counters, claims } = db.collections
  const seen = counters.get('a')
  const claim = (id: string, expected: Parameters<typeof db.transact>[1]) =>
    db.transact(() => claims.insert({ id, by: 'ada' }), expected).when('settled')
  await claim('1', { expect: { counters: { a: seen }, claims: { '1': undefined } } })
  await counters.update('a', (row) => void (row.n = 5)).when('settled')
  expect(await failure(claim('2', { expect: { counters: { a: seen } } }))).toMatchObject(
    conflict({ key: 'a' }),
  )
  expect(await failure(claim('2', { expect: { claims: { '1': undefined } } }))).toMatchObject(
    conflict({ key: '1' }),
  )
  await claim('2', { expect: { counters: { a: counters.get('a'), b: undefined } } })
  await counters.delete('a').when('settled')
  expect(await failure(claim('3', { expect: { counters: { a: seen } } }))).toMatchObject(
    conflict({ type: 'counter', key: 'a' }),
  )
  const unnamed: object = { expect: { nothing: {} } }
  expect(() => db.transact(() => claims.insert({ id: '9', by: 'ada' }), unnamed)).toThrow('"nothing"')
})

test("[AZ4] one's own writes build upon each other before they are confirmed", async () => {
  const stream = await startStream(zero)
  const db = open(await stream.gateway())
  await db.preload()
  const { counters } = db.collections
  const add = () =>
    db
      .transact(() => counters.update('a', (row) => void ((row.n += 1), (row.at = new Date(row.n)))), {
        expect: 'unchanged',
      })
      .when('settled')
  await Promise.all([add(), add(), add()])
  await add()
  expect(counters.get('a')).toMatchObject({ n: 4, at: new Date(4) })
  expect((await stream.events()).map(({ value }) => value?.n)).toEqual([0, 1, 2, 3, 4])
})

test('[AZ4] a write that was stored is no conflict when it is sent again, by the same gateway or another', async () => {
  const stream = await startStream(zero)
  const expect0 = { version: rowVersion({ id: 'a', n: 0, step: 1 }) }
  const event = state.counters.update({
    value: { id: 'a', n: 1, step: 1 },
    headers: { txid: 't1', expect: expect0 },
  })
  const send = (url: string, txid = 't1') =>
    post(url, [{ ...event, headers: { ...event.headers, txid } }], { producer: ['p', 0, 0] })
  const first = await stream.gateway()
  const answers = [await send(first), await send(first), await send(await stream.gateway())]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(await stream.events()).toHaveLength(2)
  expect(await send(first, 't2')).toMatchObject({
    status: 409,
    error: { code: 'conflict', index: 0, txid: 't2' },
  })
})

test('[AZ4] who may not read is told of a conflict, and not what is there', async () => {
  const stream = await startStream(zero)
  const url = await stream.gateway({ authorizeRead: () => false })
  const event = state.counters.update({ value: { id: 'a', n: 1 }, headers: { expect: { absent: true } } })
  const { error } = await post(url, [event])
  expect(error).toMatchObject({ code: 'conflict' })
  expect(error).not.toHaveProperty('current')
  // Nor is who may not write told whether it is one.
  const closed = await stream.gateway({ authorize: () => false })
  expect((await post(closed, [event])).error).toMatchObject({ code: 'forbidden' })
})

test.each([
  1,
  { version: 1 },
  {},
  { absent: false },
  { version: 'x', absent: true },
  [null],
  { type: 'counter', absent: true },
])('[AZ4] %j is no condition, and refused', async (condition) => {
  const stream = await startStream()
  const event = state.claims.insert({ value: { id: '1', by: 'ada' }, headers: { expect: condition } })
  const answer = await post(await stream.gateway(), [event])
  expect(answer).toMatchObject({ status: 422, error: { code: 'invalid-event', path: '/headers/expect' } })
})

test('[AZ5] a stream without a gateway refuses a write with a condition, and stores those beside it', async () => {
  const stream = await startStream(zero)
  const db = open(stream.direct)
  await db.preload()
  const { counters, claims } = db.collections
  const plain = claims.insert({ id: '1', by: 'ada' })
  const conditional = db.transact(() => counters.update('a', (row) => void (row.n = 1)), {
    expect: 'unchanged',
  })
  const other = claims.insert({ id: '2', by: 'ada' })
  expect(await failure(conditional.when('settled'))).toMatchObject({
    code: 'write-failed',
    reason: { code: 'no-gateway' },
    message: expect.stringContaining('decides no conditions') as string,
  })
  await Promise.all([plain.when('settled'), other.when('settled')])
  expect(counters.get('a')?.n).toBe(0)
  expect((await stream.events()).map(({ key }) => key).sort()).toEqual(['1', '2', 'a'])
})

test('[AZ4] an action with a condition, kept offline, is refused when its turn comes, and waits for the application', async () => {
  const stream = await startStream(zero)
  const url = await stream.gateway()
  const other = open(url, 'bob')
  const db = open(url, 'ada', {
    storage: memoryStorage(),
    offline: true,
    live: false,
    actions: ({ db: own }: { db: typeof other }) => ({
      add: {
        expect: 'unchanged',
        onMutate: (by: number) => void own.collections.counters.update('a', (row) => void (row.n += by)),
      },
    }),
  }) as typeof other & { actions: { add(by: number): ReturnType<typeof other.transact> } }
  await Promise.all([db.preload(), other.preload()])
  await db.actions.add(1).when('settled')
  // It reads no more, and does not see what the other one writes.
  await other.collections.counters.update('a', (row) => void (row.n = 10)).when('settled')
  expect(await failure(db.actions.add(1).when('settled'))).toMatchObject(conflict({ key: 'a' }))
  expect(db.outbox?.get()).toMatchObject([{ state: { name: 'refused' } }])
  expect((await stream.events()).map(({ value }) => value?.n)).toEqual([0, 1, 10])
})

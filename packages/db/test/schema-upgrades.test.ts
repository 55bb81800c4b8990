import { createManualLog, eventually, logOf, unhandledRejections } from '@streamdb/testkit'
import { roomServer, rowsOf } from '@streamdb/testkit/rooms'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { createStateSchema, createStreamDB, dehydrate, StreamDBError } from '../src/index.ts'
import type { ChangeEvent, Conflict, CreateStreamDBOptions, Migrate } from '../src/index.ts'

const unhandled = unhandledRejections()

afterAll(async () => {
  await (await roomServer()).stop()
  expect(unhandled).toEqual([])
})

/** The application as it was: a task has a text, and is done or not. */
const first = createStateSchema({
  tasks: {
    schema: z.strictObject({ id: z.string(), text: z.string(), done: z.boolean() }),
    type: 'task',
    primaryKey: 'id',
  },
})

/** The application as it is: a task has a title and a state, and no drafts. */
const second = createStateSchema({
  tasks: {
    schema: z.strictObject({ id: z.string(), title: z.string(), state: z.enum(['open', 'done']) }),
    type: 'task',
    primaryKey: 'id',
  },
})

const migrate: Migrate = (_type, { text, done, ...value }, fromVersion) => {
  if (fromVersion !== 1) throw new Error(`no way from version ${fromVersion}`)
  if (text === 'draft') return undefined
  if (typeof text !== 'string') throw new TypeError('a task without a text')
  return { ...value, title: text, state: done === true ? 'done' : 'open' }
}

function task(id: string, text: string, done = false): ChangeEvent {
  return first.tasks.upsert({ value: { id, text, done } })
}

type Tasks = typeof second

async function open(items: readonly unknown[], options: Partial<CreateStreamDBOptions<Tasks>> = {}) {
  const url = await (await roomServer()).createStream(undefined, { items })
  return openAt(url, options)
}

async function openAt(url: string, options: Partial<CreateStreamDBOptions<Tasks>> = {}) {
  const db = createStreamDB({ streamOptions: { url }, state: second, version: 2, migrate, ...options })
  onTestFinished(() => db.close())
  await db.preload()
  return { db, url }
}

/** Opens the application as it was. */
async function openOld(url: string) {
  const db = createStreamDB({ streamOptions: { url }, state: first })
  onTestFinished(() => db.close())
  await db.preload()
  return db
}

describe('reading old events', () => {
  test('[V2] old events become rows of the new schemas; events of both versions live side by side', async () => {
    const { db, url } = await open([task('1', 'one', true), task('2', 'two')])
    expect(rowsOf(db.collections.tasks)).toEqual({
      1: { id: '1', title: 'one', state: 'done' },
      2: { id: '2', title: 'two', state: 'open' },
    })
    await db.collections.tasks.insert({ id: '3', title: 'three', state: 'open' }).when('settled')
    await (await roomServer()).appendItems(url, [task('2', 'two again')])
    await eventually(() =>
      expect(rowsOf(db.collections.tasks)).toEqual({
        1: { id: '1', title: 'one', state: 'done' },
        2: { id: '2', title: 'two again', state: 'open' },
        3: { id: '3', title: 'three', state: 'open' },
      }),
    )
    expect(db.issues.total).toBe(0)
  })

  test('[V3] a row that migrate does not keep is gone, also where an earlier event had put it', async () => {
    const { db } = await open([task('1', 'one'), task('2', 'two'), task('1', 'draft')])
    expect(rowsOf(db.collections.tasks)).toEqual({ 2: { id: '2', title: 'two', state: 'open' } })
    expect(db.issues.total).toBe(0)
  })

  test('[V4] what migrate throws is an invalid event: skipped, counted and reported as it came', async () => {
    const broken = { type: 'task', key: '1', value: { id: '1' }, headers: { operation: 'insert' } }
    const { db } = await open([broken, task('2', 'two')])
    expect(rowsOf(db.collections.tasks)).toEqual({ 2: { id: '2', title: 'two', state: 'open' } })
    expect(db.issues.total).toBe(1)
    const [issue] = db.issues.last
    expect(issue).toMatchObject({ code: 'migration', path: '/value', reason: 'a task without a text' })
    expect(issue?.message).toContain('migrate threw: a task without a text')
    expect(issue?.event).toMatchObject(broken)
  })

  test("[V4] with onInvalid: 'fail' it stops the stream", async () => {
    const broken = { type: 'task', key: '1', value: { id: '1' }, headers: { operation: 'insert' } }
    const error: unknown = await open([broken], { onInvalid: 'fail' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(StreamDBError)
    expect(error).toMatchObject({ code: 'invalid-event' })
  })

  test('[V4] a migrated value that the schema refuses is an issue with the event as it came', async () => {
    const { db } = await open([task('1', 'one')], { migrate: (_type, value) => value })
    expect(db.issues.last[0]).toMatchObject({ code: 'schema', event: { value: { text: 'one' } } })
  })

  test('[C2] [V2] observers see events in the new form, batches as they are, and nothing is changed', async () => {
    const events: ChangeEvent[] = []
    const batches: unknown[] = []
    const { db } = await open([task('1', 'one'), task('2', 'draft')], {
      onEvent: (event) => events.push(event),
      onBatch: ({ items }) => batches.push(...items),
      migrate: (type, value, from) => {
        const row = migrate(type, { ...value }, from)
        value['text'] = 'changed'
        return row
      },
    })
    expect(events).toMatchObject([
      { key: '1', value: { id: '1', title: 'one', state: 'open' }, headers: { schemaVersion: 2 } },
      { key: '2', headers: { operation: 'delete' } },
    ])
    expect(batches).toMatchObject([{ value: { text: 'one' } }, { value: { text: 'draft' } }])
    expect(db.issues.total).toBe(0)
  })

  test('[V2] transactions of old events confirm, and types without a collection are not migrated', async () => {
    const types = new Set<string>()
    const other = { type: 'other', key: '1', value: {}, headers: { operation: 'insert', txid: 'tx-2' } }
    const tagged = { ...task('1', 'draft'), headers: { operation: 'insert', txid: 'tx-1' } }
    const { db } = await open([tagged, other], {
      migrate: (type, value, from) => {
        types.add(type)
        return migrate(type, value, from)
      },
    })
    await db.utils.awaitTxId('tx-1')
    await db.utils.awaitTxId('tx-2')
    expect([...types]).toEqual(['task'])
  })
})

describe('events of a newer version', () => {
  test('[V5] are read as they are and validated, and db.issues says so', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    onTestFinished(() => warn.mockRestore())
    const fits = { ...task('1', 'one'), headers: { operation: 'insert', schemaVersion: 3 } }
    const not = {
      type: 'task',
      key: '2',
      value: { id: '2' },
      headers: { operation: 'insert', schemaVersion: 2 },
    }
    const url = await (await roomServer()).createStream(undefined, { items: [fits, not] })
    const db = await openOld(url)
    expect(rowsOf(db.collections.tasks)).toEqual({ 1: { id: '1', text: 'one', done: false } })
    expect(db.issues).toMatchObject({ total: 1, newerVersion: 3, last: [{ code: 'schema' }] })
    expect(warn.mock.calls.flat().join()).toContain('events of version 3')
  })

  test('[V5] listeners of the issues hear of it; there is no such member otherwise', async () => {
    const { db, url } = await open([task('1', 'one')])
    expect(db.issues).not.toHaveProperty('newerVersion')
    const heard = vi.fn<() => void>()
    db.readables.issues.subscribe(heard)
    const value = { id: '2', title: 'two', state: 'open' }
    const newer = { type: 'task', key: '2', value, headers: { operation: 'insert', schemaVersion: 9 } }
    await (await roomServer()).appendItems(url, [newer])
    await eventually(() => expect(db.issues.newerVersion).toBe(9))
    expect(heard).toHaveBeenCalled()
    expect(db.collections.tasks.has('2')).toBe(true)
  })
})

describe('writing', () => {
  test('[V1] [V6] what is written back is in the new form, whole, and says its version', async () => {
    const { db, url } = await open([task('1', 'one'), task('2', 'two')])
    await db.collections.tasks.update('1', (draft) => void (draft.state = 'done')).when('settled')
    await db.collections.tasks.delete('2').when('settled')
    const written = (await logOf(url)).slice(2)
    expect(written).toMatchObject([
      {
        value: { id: '1', title: 'one', state: 'done' },
        old_value: { id: '1', title: 'one', state: 'open' },
        headers: { operation: 'update', schemaVersion: 2 },
      },
      { old_value: { title: 'two' }, headers: { operation: 'delete', schemaVersion: 2 } },
    ])
  })

  test('[V1] version 1 writes no header', async () => {
    const url = await (await roomServer()).createStream(undefined, { items: [] })
    const db = await openOld(url)
    await db.collections.tasks.insert({ id: '1', text: 'one', done: false }).when('settled')
    expect((await logOf(url)).map(({ headers }) => headers)).not.toContainEqual(
      expect.objectContaining({ schemaVersion: expect.anything() as unknown }),
    )
  })

  test('[V1] event helpers of the state say the version of its database', async () => {
    const own = createStateSchema({ tasks: second.tasks })
    const db = createStreamDB({
      streamOptions: { url: 'http://127.0.0.1:9/' },
      state: own,
      version: 2,
      migrate,
    })
    onTestFinished(() => db.close())
    const value = { id: '1', title: 'one', state: 'open' } as const
    expect(own.tasks.insert({ value }).headers).toEqual({ operation: 'insert', schemaVersion: 2 })
    expect(db.version).toBe(2)
  })

  test('[V6] undo of an update of an old row puts the row back in the new form', async () => {
    const { db, url } = await open([task('1', 'one')], { history: true })
    await db.collections.tasks.update('1', (draft) => void (draft.title = 'uno')).when('settled')
    await db.history?.undo()?.transaction?.when('settled')
    expect(rowsOf(db.collections.tasks)).toEqual({ 1: { id: '1', title: 'one', state: 'open' } })
    expect((await logOf(url)).at(-1)).toMatchObject({
      value: { id: '1', title: 'one', state: 'open' },
      headers: { schemaVersion: 2 },
    })
  })

  test('[V6] a conflict has all three rows in the new form, though an old application wrote theirs', async () => {
    const seen: Conflict<object>[] = []
    const log = createManualLog()
    log.append([task('1', 'one')])
    const { db } = await openAt('http://stream.test/tasks', {
      streamOptions: { url: 'http://stream.test/tasks', fetch: log.fetch, warnOnHttp: false },
      live: 'long-poll',
      onConflict: { tasks: (conflict) => void seen.push(conflict) },
    })
    const update = db.collections.tasks.update('1', (draft) => void (draft.title = 'ours'))
    await eventually(() => expect(log.waiting).toBe(1))
    log.append([task('1', 'theirs', true)])
    log.decide('store')
    await update.when('settled')
    await eventually(() => expect(seen).toHaveLength(1))
    expect(seen).toMatchObject([
      {
        base: { id: '1', title: 'one', state: 'open' },
        theirs: { id: '1', title: 'theirs', state: 'done' },
        ours: { id: '1', title: 'ours', state: 'open' },
      },
    ])
  })

  test('[V6] a dehydrated row says its version, and is migrated by a page of a newer one', async () => {
    const url = await (await roomServer()).createStream(undefined, { items: [task('1', 'one')] })
    const server = await openOld(url)
    const { db } = await openAt(url, { hydrate: dehydrate(server), startOnRead: false })
    expect(rowsOf(db.collections.tasks)).toEqual({ 1: { id: '1', title: 'one', state: 'open' } })
    expect(dehydrate(db).items).toMatchObject([
      { value: { title: 'one' }, headers: { operation: 'upsert', schemaVersion: 2 } },
    ])
  })
})

describe('options', () => {
  const streamOptions = { url: 'http://127.0.0.1:9/' }

  test.each([0, -2, 1.5, Number.NaN, '2' as unknown as number])('[V1] version %j is refused', (version) => {
    const create = () => createStreamDB({ streamOptions, state: second, version })
    expect(create).toThrow('options.version to be a whole number from 1')
  })

  test('[V1] a migrate that is no function is refused', () => {
    const create = () =>
      createStreamDB({ streamOptions, state: second, version: 2, migrate: {} as unknown as Migrate })
    expect(create).toThrow('options.migrate to be function | undefined')
  })

  test('[V1] the version of the state is the default, and no other is taken', () => {
    const state = createStateSchema({ tasks: second.tasks }, { version: 3 })
    const db = createStreamDB({ streamOptions, state })
    expect(db.version).toBe(3)
    db.close()
    const create = () => createStreamDB({ streamOptions, state, version: 2 })
    expect(create).toThrow('options.version to be 3, as createStateSchema was given')
  })
})

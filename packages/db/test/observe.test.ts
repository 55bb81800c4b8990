import { eventually } from '@streamdb/testkit'
import { control, message, openRoom, openScripted, user } from '@streamdb/testkit/rooms'
import { describe, expect, test, vi } from 'vitest'
import type { Observer, StreamDBError } from '../src/index.ts'

type Call = readonly [name: string, value: unknown]

/** Writes down every call. */
function recorder(calls: Call[]): Required<Observer> {
  const note = (name: string) => (value?: unknown) => void calls.push([name, value])
  return {
    onBeforeBatch: note('onBeforeBatch'),
    onEvent: note('onEvent'),
    onOlderRows: note('onOlderRows'),
    onInvalid: note('onInvalid'),
    onChanges: note('onChanges'),
    onBatch: note('onBatch'),
    onStatus: note('onStatus'),
    onWrite: note('onWrite'),
    onSnapshot: note('onSnapshot'),
    onRestart: note('onRestart'),
  }
}

describe('observe', () => {
  test('[C4] a batch: before it, its events, and when its rows are visible its changes and the batch', async () => {
    const { db, append } = await openRoom([user('u1')])
    await db.preload()
    const calls: Call[] = []
    const seen: number[] = []
    db.observe({ ...recorder(calls), onChanges: () => void seen.push(db.collections.users.size) })
    await append(user('u2'), { broken: true }, message('m1', 'u1'))
    const names = (): string[] => calls.map(([name]) => name)
    // A server may send an empty batch first.
    await eventually(() => expect(names()).toContain('onEvent'))
    await eventually(() => expect(names().slice(names().indexOf('onEvent'))).toContain('onBatch'))
    expect(names().slice(names().indexOf('onEvent') - 1)).toEqual([
      'onBeforeBatch',
      'onEvent',
      'onInvalid',
      'onEvent',
      'onBatch',
    ])
    expect(seen).toEqual([2])
  })

  test('[C4] changes come with the checkpoint that they reach', async () => {
    const { db, append } = await openRoom([user('u1', 'Ada')])
    const changes: unknown[] = []
    db.observe({
      onChanges: ({ rows, replaces, txids }, { offset }) => {
        const plain = Array.from(rows, ([type, each]) => [type, Object.fromEntries(each)])
        changes.push([Object.fromEntries(plain), replaces, [...txids], offset])
      },
    })
    await db.preload()
    const loaded = db.offset
    const end = await append(user('u2', 'Grace', 'tx-1'))
    await eventually(() => expect(changes).toHaveLength(2))
    expect(changes).toEqual([
      [{ user: { u1: { id: 'u1', name: 'Ada' } } }, false, [], loaded],
      [{ user: { u2: { id: 'u2', name: 'Grace' } } }, false, ['tx-1'], end],
    ])
    expect(db.checkpoint.offset).toBe(end)
  })

  test('any number, at any time; one that is removed hears nothing more', async () => {
    const { db, append } = await openRoom([user('u1')])
    const [first, second]: Call[][] = [[], []]
    const observer = recorder(first ?? [])
    const endFirst = db.observe(observer)
    db.observe(observer)
    await db.preload()
    db.observe(recorder(second ?? []))
    const before = first?.filter(([name]) => name === 'onBatch').length
    endFirst()
    await append(user('u2'))
    await eventually(() => expect(second?.map(([name]) => name)).toContain('onEvent'))
    await eventually(() => expect(second?.at(-1)?.[0]).toBe('onBatch'))
    const counted = first?.filter(([name]) => name === 'onBatch').length ?? 0
    // Of the two, one was left.
    expect(counted - (before ?? 0)).toBe(second?.filter(([name]) => name === 'onBatch').length)
  })

  test('[F-event-9] one that throws keeps nothing from the others, and is reported', async () => {
    const errors: StreamDBError[] = []
    const { db, append } = await openRoom([user('u1')], { onError: (error) => errors.push(error) })
    const calls: Call[] = []
    const names = Object.keys(recorder([]))
    const throwing = Object.fromEntries(
      names.map((name) => [
        name,
        () => {
          throw new Error(`${name} of mine`)
        },
      ]),
    ) as unknown as Required<Observer>
    db.observe(throwing)
    db.observe(recorder(calls))
    await db.preload()
    await append({ broken: true })
    await db.collections.users.insert({ id: 'u2', name: 'Grace' }).when('settled')
    await append(control('snapshot-start'))
    await eventually(() => expect(calls.map(([name]) => name)).toContain('onSnapshot'))
    const called = new Set(calls.map(([name]) => name))
    // Nothing is read anew, and no rows were left out.
    const others = new Set(['onRestart', 'onOlderRows'])
    expect(names.filter((name) => !others.has(name) && !called.has(name))).toEqual([])
    for (const name of called) expect(errors.map(({ message }) => message).join()).toContain(`${name} threw`)
    expect(db.status.name).toBe('live')
  })

  test('keeps its own this', async () => {
    class Counter implements Observer {
      count = 0
      onEvent(): void {
        this.count++
      }
    }
    const { db } = await openRoom([user('u1'), user('u2')])
    const counter = new Counter()
    db.observe(counter)
    await db.preload()
    expect(counter.count).toBe(2)
  })

  test('writes: every change of each', async () => {
    const { db } = await openRoom()
    await db.preload()
    const states: string[] = []
    db.observe({ onWrite: ({ state }) => void states.push(state.name) })
    await db.collections.users.insert({ id: 'u1', name: 'Ada' }).when('settled')
    await eventually(() => expect(states.at(-1)).toBe('confirmed'))
    expect(states[0]).toBe('pending')
  })

  test('a restart, and why', async () => {
    const { db } = await openRoom([user('u1')])
    const reasons: unknown[] = []
    db.observe({ onRestart: (reason) => void reasons.push(reason) })
    await db.preload()
    await db.collections.users.cleanup()
    await db.collections.users.preload()
    // What is loaded on demand has its rows beside TanStack: they are not lost.
    expect(reasons).toEqual(process.env['SYNC_MODE'] === 'on-demand' ? [] : ['collection-cleaned-up'])
    await eventually(() => expect(db.collections.users.size).toBe(1))
  })

  test('[L1] nobody is called after close()', async () => {
    const { db, append } = await openRoom([user('u1')])
    await db.preload()
    const calls: Call[] = []
    db.observe(recorder(calls))
    db.close()
    expect(calls.map(([name]) => name)).toEqual(['onStatus'])
    await append(user('u2'))
    expect(calls).toHaveLength(1)
  })
})

describe('readables', () => {
  test('hold the same value until it changes, and say when it does', async () => {
    const { db, append } = await openRoom([user('u1')])
    const { status, pendingWrites, issues } = db.readables
    const run = vi.fn<() => void>()
    const ends = [status, pendingWrites, issues].map(({ subscribe }) => subscribe(run))
    expect([status.get(), pendingWrites.get(), issues.get()]).toEqual([
      db.status,
      db.pendingWrites,
      db.issues,
    ])
    await db.preload()
    expect(run).toHaveBeenCalled()
    expect(issues.get()).toBe(issues.get())
    const before = issues.get()
    await append({ broken: true })
    await eventually(() => expect(issues.get().total).toBe(1))
    expect(before.total).toBe(0)
    expect(issues.get()).toBe(db.issues)
    for (const end of ends) end()
    run.mockClear()
    await db.collections.users.insert({ id: 'u2', name: 'Grace' }).when('settled')
    expect(run).not.toHaveBeenCalled()
  })

  test('history: what undo and redo would do, where it is kept', async () => {
    const { db } = await openRoom([], { history: true })
    await db.preload()
    const { history } = db.readables
    const states: unknown[] = []
    history?.subscribe(() => states.push(history.get()))
    expect(history?.get()).toBe(history?.get())
    await db.collections.users.insert({ id: 'u1', name: 'Ada' }).when('settled')
    await eventually(() => expect(history?.get()).toEqual({ canUndo: true, canRedo: false }))
    await db.history?.undo()?.transaction?.when('settled')
    expect(history?.get()).toEqual({ canUndo: false, canRedo: true })
    expect(states.at(-1)).toBe(history?.get())
    const { db: without } = await openRoom()
    expect(without.readables.history).toBeUndefined()
  })

  test('[F-event-9] a listener that throws is reported', async () => {
    const errors: StreamDBError[] = []
    const { db } = await openScripted(
      (_request, reply) => reply.page({ items: [7], nextOffset: '1', upToDate: true }),
      {
        live: false,
        onError: (error) => errors.push(error),
      },
    )
    db.readables.issues.subscribe(() => {
      throw new Error('mine')
    })
    await db.preload()
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('mine')])
  })
})

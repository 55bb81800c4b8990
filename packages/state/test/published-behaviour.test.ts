import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createStateSchema, isChangeEvent, isControlEvent, MaterializedState } from '../src/index.ts'
import type { ChangeEvent, StateEvent } from '../src/index.ts'

/** What both layers are used for here; that of the published one is loaded from the benchmarks' dependencies. */
interface Layer {
  readonly createStateSchema: typeof createStateSchema
  readonly isChangeEvent: typeof isChangeEvent
  readonly isControlEvent: typeof isControlEvent
  readonly MaterializedState: typeof MaterializedState
}

const ours: Layer = { createStateSchema, isChangeEvent, isControlEvent, MaterializedState }
const file = '../../../bench/node_modules/@durable-streams/state/dist/index.js'
// It is no dependency of this package; its names and signatures are those of ours.
const theirs = (await import(join(fileURLToPath(new URL('.', import.meta.url)), file))) as Layer

const row = { id: '1', name: 'Ada' }
const headers = { txid: 'tx', timestamp: '2026-01-01T00:00:00Z' }

function usersOf({ createStateSchema: create }: Layer) {
  const schema = z.object({ id: z.string(), name: z.string() })
  return create({ users: { schema, type: 'user', primaryKey: 'id' } }).users
}

const asJson = (event: object): unknown => JSON.parse(JSON.stringify(event))

/** Returns what a call makes, as JSON, or that it throws. */
function outcomeOf(call: () => object): unknown {
  try {
    return asJson(call())
  } catch (error) {
    return error instanceof Error ? 'throws' : error
  }
}

type Users = ReturnType<typeof usersOf>
const calls: readonly (readonly [string, (users: Users) => object])[] = [
  ['insert', (users) => users.insert({ value: row })],
  ['insert with a key and headers', (users) => users.insert({ value: row, key: '1', headers })],
  ['update with the old row', (users) => users.update({ value: row, oldValue: { id: '1', name: 'A' } })],
  ['upsert', (users) => users.upsert({ value: row })],
  ['delete by key', (users) => users.delete({ key: '1' })],
  ['delete by the old row', (users) => users.delete({ oldValue: row })],
  ['no key', (users) => users.insert({ value: { id: '', name: 'Ada' } })],
]

test.each(calls)('[F-moving-4] the event helpers do as the published ones: %s', (_name, call) => {
  expect(outcomeOf(() => call(usersOf(ours)))).toEqual(outcomeOf(() => call(usersOf(theirs))))
})

test('[F-moving-4] the event helpers differ where "Moving here" says so: schema, key', () => {
  // A value that a caller without types passes, or that came from a request.
  const invalid = { id: '1' } as unknown as typeof row
  const value = (users: Users): object => users.insert({ value: invalid })
  const key = (users: Users): object => users.insert({ key: '2', value: row })
  expect([outcomeOf(() => value(usersOf(theirs))), outcomeOf(() => key(usersOf(ours)))]).toEqual([
    'throws',
    'throws',
  ])
  expect(outcomeOf(() => value(usersOf(ours)))).toMatchObject({ value: invalid })
  expect(outcomeOf(() => key(usersOf(theirs)))).toMatchObject({ key: '2' })
})

test('[F-moving-4] guards and MaterializedState do as the published ones', () => {
  const events: StateEvent[] = [
    { type: 'user', key: '1', value: row, headers: { operation: 'insert' } },
    { type: 'config', key: 'theme', value: 'dark', headers: { operation: 'upsert' } },
    { type: 'user', key: '2', headers: { operation: 'delete' } },
    { headers: { control: 'reset' } },
  ]
  const run = (layer: Layer): unknown => {
    const state = new layer.MaterializedState()
    state.applyBatch(events.filter((event): event is ChangeEvent => layer.isChangeEvent(event)))
    const read = [state.get('user', '1'), state.get('none', '1'), [...state.getType('config')]]
    const known = [state.types, state.typeCount, [...state.getType('none')]]
    state.clear()
    return [events.map((event) => layer.isControlEvent(event)), ...read, ...known, state.typeCount]
  }
  expect(run(ours)).toEqual(run(theirs))
})

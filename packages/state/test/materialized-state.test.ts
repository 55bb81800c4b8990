import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { canonical, cuts, logs, oracle, redeliveries, sharedData } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isChangeEvent, MaterializedState, StateError } from '../src/index.ts'
import type { StateEvent } from '../src/index.ts'
import { deepFreeze, end, eventOf, put, remove, reset, rowsOf, start, thrownBy } from './builders.ts'

const ada = { name: 'Ada' }
const bob = { name: 'Bob' }

function stateOf(...log: StateEvent[]): MaterializedState {
  const state = new MaterializedState()
  state.applyBatch(log)
  return state
}

test('a new state is empty', () => {
  const state = new MaterializedState()
  expect(state.get('user', '1')).toBeUndefined()
  expect(state.getType('user')).toEqual(new Map())
  expect(state.types).toEqual([])
  expect(state.typeCount).toBe(0)
})

test('get and getType find rows by type and key', () => {
  const state = stateOf(put('1', ada), put('2', bob), { ...put('1', { text: 'Hi' }), type: 'message' })
  expect(state.get('user', '2')).toBe(bob)
  expect(state.get('message', '2')).toBeUndefined()
  expect(state.getType('user')).toEqual(
    new Map([
      ['1', ada],
      ['2', bob],
    ]),
  )
  expect(state.types).toEqual(['user', 'message'])
  expect(state.typeCount).toBe(2)
})

test('getType and types are copies: changing them changes nothing', () => {
  const state = stateOf(put('1', ada))
  state.getType('user').clear()
  state.types.pop()
  expect(state.get('user', '1')).toBe(ada)
  expect(state.typeCount).toBe(1)
})

test('getType is of its moment, and does not change with the state', () => {
  const state = stateOf(put('1', ada))
  const before = state.getType('user')
  state.apply(put('1', bob))
  expect(before).toEqual(new Map([['1', ada]]))
})

test.each(['insert', 'update', 'upsert'] as const)(
  '[M2] %s replaces the row, and puts it when absent',
  (operation) => {
    const state = stateOf(
      put('1', { a: 1, b: 1 }),
      put('1', { a: 2 }, { operation }),
      put('2', bob, { operation }),
    )
    expect(state.get('user', '1')).toEqual({ a: 2 })
    expect(state.get('user', '2')).toBe(bob)
  },
)

test('[M3] deleting an absent key does nothing', () => {
  const state = stateOf(put('1', ada))
  state.applyBatch([remove('2'), { ...remove('1'), type: 'nothing' }])
  expect(rowsOf(state)).toEqual(new Map([['user', new Map([['1', ada]])]]))
})

test('[M3] a type without rows is no type', () => {
  const state = stateOf(put('1', ada))
  state.apply(remove('1'))
  expect(state.types).toEqual([])
  expect(state.typeCount).toBe(0)
})

test('[F-mat-1] a reset voids what came before, first, last and in mid batch', () => {
  expect(rowsOf(stateOf(reset)).size).toBe(0)
  expect(rowsOf(stateOf(put('1', ada), reset)).size).toBe(0)
  const state = stateOf(put('1', ada))
  state.applyBatch([put('2', bob), reset, put('3', ada)])
  expect([...state.getType('user').keys()]).toEqual(['3'])
})

test('[F-mat-2] a snapshot split over batches is visible at its end, all at once', () => {
  const state = stateOf(put('1', ada), put('2', ada))
  for (const event of [start, put('2', bob), put('3', bob)]) state.apply(event)
  expect(state.getType('user')).toEqual(
    new Map([
      ['1', ada],
      ['2', ada],
    ]),
  )
  state.apply(end)
  expect(state.getType('user')).toEqual(
    new Map([
      ['2', bob],
      ['3', bob],
    ]),
  )
})

test('[F-mat-2] a snapshot that never ended is dropped by the next start, and by a reset', () => {
  expect([...stateOf(start, put('1', ada), start, put('2', ada), end).getType('user').keys()]).toEqual(['2'])
  expect([...stateOf(start, put('1', ada), reset, put('2', ada), end).getType('user').keys()]).toEqual(['2'])
})

test('clear forgets everything, an open snapshot too', () => {
  const state = stateOf(put('1', ada), start, put('2', bob))
  state.clear()
  expect(state.typeCount).toBe(0)
  state.applyBatch([put('3', ada), end])
  expect(rowsOf(state)).toEqual(new Map([['user', new Map([['3', ada]])]]))
})

test.each([['dark'], [''], [0], [42], [false], [['a', 1]], [{}]])(
  '[F-event-4] the value %j is kept as it is',
  (value) => {
    expect(stateOf(put('theme', value)).get('user', 'theme')).toBe(value)
  },
)

test('[F-event-8] hostile types, keys and fields are ordinary, and no prototype is touched', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
  const state = new MaterializedState()
  for (const type of names) {
    for (const key of names) {
      state.apply(
        eventOf(
          JSON.parse(
            `{"type":"${type}","key":"${key}","value":{"__proto__":{"admin":true}},"headers":{"operation":"insert"}}`,
          ),
        ),
      )
    }
  }
  expect(state.types).toEqual(names)
  expect([...state.getType('__proto__').keys()]).toEqual(names)
  expect(Object.keys(state.get<object>('__proto__', '__proto__') ?? {})).toEqual(['__proto__'])
  expect(Reflect.get({}, 'admin')).toBeUndefined()
  for (const name of names) expect(new MaterializedState().get(name, name)).toBeUndefined()
})

test('apply refuses items that are not events, with the reason', () => {
  const state = stateOf(put('1', ada))
  const bad = { type: 'user', key: 7, value: bob, headers: { operation: 'insert' } } as unknown as StateEvent
  const error = thrownBy(() => state.apply(bad))
  expect(error).toBeInstanceOf(StateError)
  expect(error).toMatchObject({
    name: 'StateError',
    code: 'invalid-event',
    message: 'Invalid event at /key: expected a non-empty string but received 7',
  })
  expect(state.getType('user')).toEqual(new Map([['1', ada]]))
})

test('applyBatch applies nothing of a batch in which something is no event', () => {
  const state = stateOf(put('1', ada))
  const batch = [put('2', bob), reset, undefined as unknown as StateEvent]
  expect(thrownBy(() => state.applyBatch(batch))).toMatchObject({ code: 'invalid-event' })
  expect(state.getType('user')).toEqual(new Map([['1', ada]]))
})

test('applyBatch takes any iterable', () => {
  function* events(): Generator<StateEvent> {
    yield put('1', ada)
    yield put('2', bob)
  }
  const state = new MaterializedState()
  state.applyBatch(events())
  state.applyBatch(new Set([remove('1')]))
  expect(state.getType('user')).toEqual(new Map([['2', bob]]))
})

test('[M1] [M2] [M3] [M4] [M5] after any log it is what the oracle says', () => {
  fc.assert(
    fc.property(logs(), (log) => {
      expect(rowsOf(stateOf(...log))).toEqual(oracle(log))
    }),
    { numRuns: 500 },
  )
})

test('[M6] any cut of a log into batches ends at the same state', () => {
  const cutLogs = logs().chain((log) => fc.tuple(fc.constant(log), cuts(log)))
  fc.assert(
    fc.property(cutLogs, ([log, batches]) => {
      const state = new MaterializedState()
      for (const batch of batches) state.applyBatch(batch)
      expect(rowsOf(state)).toEqual(oracle(log))
      const single = new MaterializedState()
      for (const event of log) single.apply(event)
      expect(rowsOf(single)).toEqual(oracle(log))
    }),
    { numRuns: 300 },
  )
})

test('[M6] after every batch it is what the oracle says of the log so far', () => {
  const cutLogs = logs().chain((log) => cuts(log))
  fc.assert(
    fc.property(cutLogs, (batches) => {
      const state = new MaterializedState()
      batches.forEach((batch, index) => {
        state.applyBatch(batch)
        expect(rowsOf(state)).toEqual(oracle(batches.slice(0, index + 1).flat()))
      })
    }),
  )
})

// A snapshot that lies across batches needs a reader that skips what it has had: Maps know no offsets.
test('[M6] [F-mat-4] changes delivered again, alone or with all that came after them, revert nothing', () => {
  const deliveries = logs({ controls: false }).chain((log) =>
    fc.tuple(
      fc.constant(log),
      cuts(log).chain((batches) => redeliveries(batches)),
    ),
  )
  fc.assert(
    fc.property(deliveries, ([log, received]) => {
      const state = new MaterializedState()
      // Within a re-delivery older rows show again; at its end everything is as it was.
      for (const { items } of received) state.applyBatch(items)
      expect(rowsOf(state)).toEqual(oracle(log))
    }),
  )
})

test('[C2] no event is changed, nor any value, and values are kept as the objects that they are', () => {
  fc.assert(
    fc.property(logs(), (log) => {
      const state = stateOf(...deepFreeze(log))
      for (const event of log) {
        if (!isChangeEvent(event) || event.headers.operation === 'delete') continue
        state.applyBatch([reset, event])
        expect(state.get(event.type, event.key)).toBe(event.value)
      }
    }),
  )
})

const history = sharedData('git-history.ndjson')
const expectation = sharedData('git-history.expected.json')

test.skipIf(history === undefined || expectation === undefined)(
  'the recorded history of a repository ends at its known state (needs ../shared/data/git-history.*)',
  () => {
    const lines = readFileSync(history ?? '', 'utf8')
      .trim()
      .split('\n')
    const state = stateOf(...lines.map((line) => eventOf(JSON.parse(line))))
    const hash = createHash('sha256')
      .update(canonical(rowsOf(state)))
      .digest('hex')
    expect(readFileSync(expectation ?? '', 'utf8')).toContain(hash)
  },
)

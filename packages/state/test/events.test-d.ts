import { expectTypeOf, test } from 'vitest'
import {
  decodeStateEvent,
  isChangeEvent,
  isControlEvent,
  MaterializedState,
  StateError,
  StateIssue,
} from '../src/index.ts'
import type { ChangeEvent, ControlEvent, Operation, StateErrorCode, StateEvent } from '../src/index.ts'

interface User {
  readonly name: string
}

test('the guards narrow', () => {
  const event = {} as StateEvent<User>
  if (isChangeEvent(event)) {
    expectTypeOf(event).toEqualTypeOf<ChangeEvent<User>>()
    expectTypeOf(event.value).toEqualTypeOf<User | undefined>()
    expectTypeOf(event.headers.operation).toEqualTypeOf<Operation>()
    expectTypeOf(event.headers.txid).toEqualTypeOf<string | undefined>()
    expectTypeOf(event.headers['x-unknown']).toEqualTypeOf<unknown>()
  } else {
    expectTypeOf(event).toEqualTypeOf<ControlEvent>()
  }
  if (isControlEvent(event)) expectTypeOf(event.headers.offset).toEqualTypeOf<string | undefined>()
})

test('a decoded item is an event or an issue', () => {
  const decoded = decodeStateEvent({})
  expectTypeOf(decoded).toEqualTypeOf<StateEvent | StateIssue>()
  if (!(decoded instanceof StateIssue)) new MaterializedState().apply(decoded)
})

test('a materialised state is read as what the caller says it is', () => {
  const state = new MaterializedState()
  expectTypeOf(state.get('user', '1')).toEqualTypeOf<unknown>()
  expectTypeOf(state.get<User>('user', '1')).toEqualTypeOf<User | undefined>()
  expectTypeOf(state.getType<User>('user')).toEqualTypeOf<Map<string, User>>()
  expectTypeOf(state.types).toEqualTypeOf<string[]>()
  expectTypeOf(state.typeCount).toEqualTypeOf<number>()
  // @ts-expect-error: read only
  state.typeCount = 1
})

test('events are read only, and literal events fit', () => {
  const event: ChangeEvent<User> = {
    type: 'user',
    key: '1',
    value: { name: 'Ada' },
    headers: { operation: 'insert' },
  }
  // @ts-expect-error: read only
  event.key = '2'
  // @ts-expect-error: an unknown operation
  const unknown: ChangeEvent = { type: 'user', key: '1', headers: { operation: 'replace' } }
  // @ts-expect-error: an unknown control
  const control: ControlEvent = { headers: { control: 'clear' } }
  void [event, unknown, control]
})

test('an error is told by its code', () => {
  expectTypeOf(new StateError('missing-key', '').code).toEqualTypeOf<StateErrorCode>()
})

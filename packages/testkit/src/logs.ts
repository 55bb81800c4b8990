import fc from 'fast-check'
import type { ChangeEvent, ControlEvent, StateEvent } from '@streamdb/state'
import { names, values, type ValueOptions } from './values.ts'

export interface LogOptions extends ValueOptions {
  /** The ordinary entity types: two unless told. Hostile ones are drawn too, unless `hostile` is false. */
  readonly types?: readonly string[] | undefined
  /** The ordinary keys: three unless told. */
  readonly keys?: readonly string[] | undefined
  /** Whether types and keys like `__proto__` are drawn: yes unless told. */
  readonly hostile?: boolean | undefined
  /** Whether resets and snapshots are drawn: yes unless told. */
  readonly controls?: boolean | undefined
  /** How many pieces a log has at most, each of one to some six events: 12 unless told. */
  readonly maxPieces?: number | undefined
}

/** Draws single changes: the four operations over few types and keys, with and without `old_value` and headers. */
export function changeEvents(options: LogOptions = {}): fc.Arbitrary<ChangeEvent> {
  const { types = ['user', 'message'], keys = ['1', '2', '3'], hostile = true } = options
  const row = {
    type: hostile ? names(types) : fc.constantFrom(...types),
    key: hostile ? names(keys) : fc.constantFrom(...keys),
  }
  const headers = {
    txid: fc.constantFrom('tx-1', 'tx-2', 'tx-3'),
    timestamp: fc.constant('2026-01-01T00:00:00.000Z'),
    from: fc.constantFrom('alice', 'bob'),
    'x-unknown': fc.constantFrom<unknown>(1, null, { deep: true }),
  }
  const write = fc.record(
    {
      ...row,
      value: values(options),
      old_value: values(options),
      headers: fc.record(
        { operation: fc.constantFrom('insert', 'update', 'update', 'upsert'), ...headers },
        { requiredKeys: ['operation'] },
      ),
    },
    { requiredKeys: ['type', 'key', 'value', 'headers'] },
  )
  const remove = fc.record(
    {
      ...row,
      old_value: values(options),
      headers: fc.record(
        { operation: fc.constant('delete' as const), ...headers },
        { requiredKeys: ['operation'] },
      ),
    },
    { requiredKeys: ['type', 'key', 'headers'] },
  )
  return fc.oneof({ weight: 3, arbitrary: write }, { weight: 1, arbitrary: remove })
}

/**
 * Draws whole logs: changes, transactions, resets, and snapshots that are well-formed, nested, cut short by a reset,
 * never ended, or ended without a start.
 */
export function logs(options: LogOptions = {}): fc.Arbitrary<StateEvent[]> {
  const { controls: withControls = true, maxPieces = 12 } = options
  const changes = fc.array(changeEvents(options), { minLength: 1, maxLength: 5 })
  const plain = fc.oneof(changes, transactions(changes))
  const pieces = withControls
    ? fc.oneof(
        { weight: 4, arbitrary: plain },
        { weight: 1, arbitrary: snapshots(plain) },
        { weight: 1, arbitrary: controls() },
      )
    : plain
  return fc.array(pieces, { maxLength: maxPieces }).map((list) => list.flat())
}

/** Gives all the changes one transaction id. */
function transactions(changes: fc.Arbitrary<ChangeEvent[]>): fc.Arbitrary<ChangeEvent[]> {
  return fc
    .tuple(changes, fc.constantFrom('tx-4', 'tx-5', 'tx-6'))
    .map(([events, txid]) => events.map((event) => ({ ...event, headers: { ...event.headers, txid } })))
}

function snapshots(changes: fc.Arbitrary<ChangeEvent[]>): fc.Arbitrary<StateEvent[]> {
  const body: fc.Arbitrary<StateEvent[]> = fc.oneof(
    { weight: 4, arbitrary: changes },
    { weight: 1, arbitrary: fc.constant<StateEvent[]>([]) },
  )
  const start = control('snapshot-start')
  const end = control('snapshot-end')
  return fc.oneof(
    { weight: 3, arbitrary: body.map((events) => [start, ...events, end]) },
    fc.tuple(body, body).map(([first, second]) => [start, ...first, start, ...second, end]),
    fc.tuple(body, body).map(([first, second]) => [start, ...first, control('reset'), ...second, end]),
    fc.tuple(body, body).map(([first, second]) => [start, ...first, end, ...second, end]),
    body.map((events) => [start, ...events]),
  )
}

function controls(): fc.Arbitrary<StateEvent[]> {
  return fc.constantFrom<StateEvent[]>(
    [control('reset')],
    [control('reset')],
    [control('snapshot-start')],
    [control('snapshot-end')],
  )
}

function control(name: ControlEvent['headers']['control']): ControlEvent {
  return { headers: { control: name } }
}

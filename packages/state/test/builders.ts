import { decodeStateEvent, StateIssue } from '../src/index.ts'
import type {
  ChangeEvent,
  ChangeHeaders,
  ControlEvent,
  MaterializedState,
  StandardSchema,
  StateEvent,
} from '../src/index.ts'

export const reset: ControlEvent = { headers: { control: 'reset' } }
export const start: ControlEvent = { headers: { control: 'snapshot-start' } }
export const end: ControlEvent = { headers: { control: 'snapshot-end' } }

/** Makes the event that puts a user. */
export function put(key: string, value: unknown, headers: Partial<ChangeHeaders> = {}): ChangeEvent {
  return { type: 'user', key, value, headers: { operation: 'insert', ...headers } }
}

/** Makes the event that removes a user. */
export function remove(key: string, headers: Partial<ChangeHeaders> = {}): ChangeEvent {
  return { type: 'user', key, headers: { ...headers, operation: 'delete' } }
}

/** Decodes what has to be an event. */
export function eventOf(input: unknown): StateEvent {
  const decoded = decodeStateEvent(input)
  if (decoded instanceof StateIssue) throw new Error(decoded.message)
  return decoded
}

/** Decodes what has to be none. */
export function issueOf(input: unknown): StateIssue {
  const decoded = decodeStateEvent(input)
  if (decoded instanceof StateIssue) return decoded
  throw new Error(`An event: ${JSON.stringify(input)}`)
}

/** Copies a state's rows: by type, then by key. */
export function rowsOf(state: MaterializedState): Map<string, Map<string, unknown>> {
  return new Map(state.types.map((type) => [type, state.getType(type)]))
}

/** Freezes a value through and through; under it any write throws. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFreeze(part)
  return Object.freeze(value)
}

/** Runs what has to throw, and returns what it throws. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown')
}

/** Makes a Standard Schema by hand of a function that checks; `Row` is what it takes and returns. */
export function handwritten<Row>(
  validate: StandardSchema<Row>['~standard']['validate'],
): StandardSchema<Row> {
  return { '~standard': { version: 1, vendor: 'handwritten', validate } }
}

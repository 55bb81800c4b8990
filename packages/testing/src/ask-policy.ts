import { isChangeEvent, MaterializedState, StateIssue, toValue, validateRow } from '@streamdb/state'
import type { ChangeEvent, CollectionDefinition } from '@streamdb/state'
import type { Denial, PolicyAttempt, TestedPolicy, WriteAttempt } from './policy.ts'

type Ask = ((context: never) => unknown) | undefined

/** Resolves with why a policy denies an attempt; with nothing where it allows it. Rejects with what the policy throws. */
export async function askPolicy(
  given: TestedPolicy | NonNullable<Ask>,
  attempt: PolicyAttempt,
): Promise<Denial | undefined> {
  const policy: TestedPolicy = typeof given === 'function' ? { authorize: given } : given
  const { user, stream = 'test' } = attempt
  const request = new Request(`http://localhost/${encodeURI(stream)}`)
  if ('read' in attempt) return toDenial(await call(policy.authorizeRead, { user, stream, request }))
  if ('operation' in attempt) {
    const { operation } = attempt
    // As in the gateway: without a user the request is denied.
    if (policy.authorizeStream === undefined) return denial(`nothing says who may ${operation} a stream`)
    return toDenial(await call(policy.authorizeStream, { user, stream, operation, request }))
  }
  return askAboutEvents(policy, attempt)
}

/** Returns the events of an attempt. Throws where there are none. */
export function eventsOf({ event, events = [] }: WriteAttempt): readonly ChangeEvent[] {
  const all = event === undefined ? events : [event, ...events]
  if (all.length > 0 && all.every((each) => isChangeEvent(each))) return all
  throw new TypeError(
    'expectAllowed and expectDenied: expected changes as event or events, such as state.todos.insert({ value }), ' +
      `or { read: true }, or an operation; received ${JSON.stringify(all)}`,
  )
}

async function askAboutEvents(policy: TestedPolicy, attempt: WriteAttempt): Promise<Denial | undefined> {
  const { user, stream = 'test', rows: before = [] } = attempt
  const materialized = new MaterializedState()
  for (const event of before) materialized.apply(validated(event, policy, 'rows'))
  const rows = rowsOf(materialized, before)
  for (const [index, given] of eventsOf(attempt).entries()) {
    const invalid = problemOf(given, policy)
    if (invalid !== undefined) return { ...invalid, index }
    const event = validated(given, policy, 'events')
    const row = materialized.get(event.type, event.key)
    const answer = await call(policy.authorize, { type: event.type, event, row, user, stream, rows })
    const denied = toDenial(answer)
    if (denied !== undefined) return { ...denied, index }
    materialized.apply(event)
    rows.note(event)
  }
  return undefined
}

/** Calls a rule as the gateway does; without one, all is allowed. */
function call(rule: Ask, context: object): unknown {
  return rule?.(context as never) // whatever it takes of the context
}

/** Returns a decision as the gateway reads it. */
function toDenial(decision: unknown): Denial | undefined {
  if (decision === undefined || decision === true) return undefined
  if (typeof decision === 'string' && decision !== '') return denial(decision)
  const { code, message, path } = Object(decision) as Partial<Record<keyof Denial, unknown>> // whatever a rule returned
  return {
    code: typeof code === 'string' && code !== '' ? code : 'forbidden',
    message: typeof message === 'string' ? message : 'without a reason',
    ...(typeof path === 'string' && { path }),
  }
}

function denial(message: string): Denial {
  return { code: 'forbidden', message }
}

function definitionOf({ type }: ChangeEvent, { state }: TestedPolicy): CollectionDefinition | undefined {
  return Object.values(state ?? {}).find((definition) => definition.type === type)
}

function problemOf(event: ChangeEvent, policy: TestedPolicy): Denial | undefined {
  if (policy.state === undefined) return undefined
  const definition = definitionOf(event, policy)
  if (definition === undefined) {
    return {
      code: 'unknown-type',
      message: `the state has no collection of the type "${event.type}"`,
      path: '/type',
    }
  }
  if (event.headers.operation === 'delete') return undefined
  const row = validateRow(event, definition)
  return row instanceof StateIssue ? { code: row.code, message: row.message, path: row.path } : undefined
}

/** Returns an event with what its schema makes of its value, where there is one. */
function validated(event: ChangeEvent, policy: TestedPolicy, what: string): ChangeEvent {
  const definition = definitionOf(event, policy)
  if (definition === undefined || event.headers.operation === 'delete') return event
  const row = validateRow(event, definition)
  if (row instanceof StateIssue)
    throw new TypeError(`expectAllowed and expectDenied, ${what}: ${row.message}`)
  return { ...event, value: toValue(row, definition) }
}

function rowsOf(materialized: MaterializedState, before: readonly ChangeEvent[]) {
  const headers = new Map<string, ChangeEvent['headers']>()
  const nameOf = (type: string, key: string): string => JSON.stringify([type, key])
  const note = (event: ChangeEvent): void => void headers.set(nameOf(event.type, event.key), event.headers)
  before.forEach(note)
  return {
    note,
    get: (type: string, key: string) => materialized.get(type, key),
    entries: (type: string) => materialized.getType(type).entries(),
    headers: (type: string, key: string) =>
      materialized.get(type, key) === undefined ? undefined : headers.get(nameOf(type, key)),
  }
}

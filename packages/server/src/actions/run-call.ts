import type { ChangeEvent, CollectionDefinition, KeyValueRow } from '@streamdb/state'
import { toRow } from '../gateway/decide.ts'
import type { Decided, Rules } from '../gateway/decide.ts'
import { Draft } from '../gateway/draft.ts'
import { parseEvent } from '../gateway/parse-events.ts'
import type { EventRules } from '../gateway/parse-events.ts'
import { Refusal } from '../gateway/refusal.ts'
import type { StreamLog } from '../gateway/stream-log.ts'
import type { Principal } from '../gateway/principal.ts'
import type { RequestedChange } from '../gateway/write-request.ts'
import type { ActionRows, ServerActionContext } from './action-context.ts'
import { ServerActionError } from './action-error.ts'
import type { ActionCall } from './action-call.ts'
import { resultHeader, toCallResult } from './call-result.ts'
import type { CallResult } from './call-result.ts'

/** Who calls what, and where. */
export interface CallContext<User extends Principal> {
  readonly call: ActionCall<User>
  readonly user: User
  readonly stream: string
}

/** What a call is run with. */
export interface CallParts<User extends Principal> {
  readonly log: StreamLog
  readonly rules: Pick<Rules<User>, 'stamp'>
  readonly eventRules: EventRules
  readonly report: (error: unknown) => void
}

/** A collection with its helpers, where the types of its rows do not matter. */
interface Helpers extends CollectionDefinition {
  insert(parts: object): ChangeEvent
  update(parts: object): ChangeEvent
  upsert(parts: object): ChangeEvent
  delete(parts: object): ChangeEvent
}

/**
 * Runs a server action on the rows of a stream, and returns its outcome. A transaction that the log has is not run again. Never
 * rejects.
 */
export async function runCall<User extends Principal>(
  { call, user, stream }: CallContext<User>,
  { log, rules, eventRules, report }: CallParts<User>,
): Promise<Decided> {
  const { txid, params, action, isRepeat } = call
  if (isRepeat || log.hasTransaction(txid, user.id))
    return { type: 'stored', result: log.resultOf(txid, user.id) }
  const rows = new Draft(log.rows.top)
  const events: ChangeEvent[] = []
  const changes: RequestedChange[] = []

  let isOver = false

  const put = (event: ChangeEvent): void => {
    if (isOver)
      refuse('action-over', 'The action has ended: it writes before the promise that it returns is settled')
    const index = changes.length
    if (index >= eventRules.events) {
      throw new Refusal({
        status: 413,
        code: 'too-many-events',
        message: `An action writes at most ${eventRules.events} events.`,
      })
    }
    // What JSON makes of it is what is stored.
    const item: unknown = JSON.parse(JSON.stringify({ ...event, headers: { ...event.headers, txid } }))
    const change = parseEvent(item, index, undefined, eventRules)
    // The helpers make nothing else.
    if (change.kind === 'control') return
    const before = rows.get(change.event.type, change.event.key)
    const stamped = rules.stamp({ change, user, stream, before, rows })
    events.push(stamped)
    changes.push(change)
    rows.apply(stamped, toRow(stamped, change.event, change.row))
  }

  const context: ServerActionContext<never, User> = {
    // Validated by the action's own schema.
    params: params as never,
    ...{ user, stream, txid, time: new Date().toISOString() },
    ...writers(rows, put),
    rows: readers(rows),
    refuse,
  }
  let result: CallResult & { readonly type: 'returned' }
  try {
    result = toCallResult(await action.run(context), eventRules.depth)
  } catch (error) {
    return { type: 'refused', refusal: toRefusal(error, action.name, report).at({ txid }) }
  } finally {
    isOver = true
  }
  const last = events.pop()
  if (last === undefined) return { type: 'nothing', result }
  return { type: 'append', events: [...events, withResult(last, result)], rows, changes, result }
}

function withResult(event: ChangeEvent, { json }: CallResult & { readonly type: 'returned' }): ChangeEvent {
  if (json === undefined) return event
  const value: unknown = JSON.parse(json)
  return { ...event, headers: { ...event.headers, [resultHeader]: value } }
}

function writers(
  rows: Draft,
  put: (event: ChangeEvent) => void,
): Pick<ServerActionContext<never>, 'insert' | 'update' | 'upsert' | 'delete'> {
  return {
    insert(given, row) {
      const collection = toHelpers(given)
      const event = collection.insert(partsOf(collection, row))
      if (rows.get(event.type, event.key) !== undefined)
        refuse('row-exists', `There is a row ${nameOf(event)} already`)
      put(event)
    },
    upsert(given, row) {
      const collection = toHelpers(given)
      put(collection.upsert(partsOf(collection, row)))
    },
    update(given, key, changes) {
      const collection = toHelpers(given)
      const before = rows.get(collection.type, String(key))
      if (before === undefined)
        refuse('row-missing', `There is no row ${nameOf({ type: collection.type, key: String(key) })}`)
      const value: unknown =
        typeof changes === 'function'
          ? changes(before?.value as never) // as the schema returned it
          : { ...(before?.value as object), ...changes } // a row: a bare value is put by a function
      put(
        collection.update(
          collection.keyValue === true ? { key: String(key), value } : { value, key: String(key) },
        ),
      )
    },
    delete(given, key) {
      const collection = toHelpers(given)
      if (rows.get(collection.type, String(key)) !== undefined) put(collection.delete({ key: String(key) }))
    },
  }
}

function readers(rows: Draft): ActionRows {
  return {
    // The log was read with the state's schemas, which return these rows.
    get: ({ type }: CollectionDefinition, key: string | number) =>
      rows.get(type, String(key))?.value as never,
    headers: ({ type }, key) => rows.get(type, String(key))?.headers,
    *entries({ type }: CollectionDefinition) {
      for (const [key, { value }] of rows.entries(type)) yield [key, value as never] // as above
    },
  }
}

/** What `createStateSchema` returned has the helpers. */
function toHelpers(collection: object): Helpers {
  return collection as Helpers
}

function partsOf({ keyValue }: Helpers, row: unknown): object {
  return keyValue === true ? (row as KeyValueRow<unknown>) : { value: row } // as its schema takes it
}

function nameOf({ type, key }: Pick<ChangeEvent, 'type' | 'key'>): string {
  return `${JSON.stringify(key)} of the type ${JSON.stringify(type)}`
}

function refuse(code: string, message: string, path?: string): never {
  throw new ServerActionError(code, message, path)
}

function toRefusal(error: unknown, name: string, report: (error: unknown) => void): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof ServerActionError) {
    const { code, message, path } = error
    return new Refusal({ status: 422, code, message, path })
  }
  // Its message may name what no client should see: an address, a query. `onError` gets the error.
  report(error)
  return new Refusal({ status: 422, code: 'action-failed', message: `The action "${name}" failed.` })
}

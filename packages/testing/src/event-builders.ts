import type {
  ChangeEvent,
  ControlEvent,
  InferInput,
  InferOutput,
  StateDefinition,
  StateSchema,
} from '@streamdb/state'

/** Builds the events of one collection. */
export interface EventBuilder<Input, Output = Input> {
  /** Returns an insert event of the default row, with `fields` in place of the row's own. */
  (fields?: Partial<Input>): ChangeEvent<Input>
  /** Returns only the row, as input of the schema: for `collection.insert`. */
  row(fields?: Partial<Input>): Input
  /** Returns so many inserts, each of another default row. */
  many(count: number, fields?: Partial<Input>): ChangeEvent<Input>[]
  /** Returns an update of a row to one with `fields` in place of its own. */
  update(row: Input & object, fields: Partial<Input>): ChangeEvent<Input>
  /** Returns a delete, by the row or its key. */
  delete(row: string | number | (Output & object)): ChangeEvent<Input>
}

/** Makes the default row number `n`, from 1. Each row needs its own primary key. */
export type RowDefaults<Definitions extends StateDefinition> = {
  readonly [Name in keyof Definitions]?: (n: number) => InferInput<Definitions[Name]['schema']>
}

/** A builder for each collection that has defaults. */
export type EventBuilders<Definitions extends StateDefinition, Defaults> = {
  readonly [Name in keyof Definitions & keyof Defaults]: EventBuilder<
    InferInput<Definitions[Name]['schema']>,
    InferOutput<Definitions[Name]['schema']>
  >
}

/**
 * Returns builders of events, by collection: a test says what matters to it, and the defaults say the rest.
 *
 * Rows are numbered by collection, from 1. The builders throw a `StateError` where the schema's event helpers would.
 *
 * @example
 * ```ts
 * const build = eventBuilders(state, { users: (n) => ({ id: `${n}`, name: `User ${n}` }) })
 * build.users() // inserts { id: '1', name: 'User 1' }
 * build.users({ name: 'Ada' }) // inserts { id: '2', name: 'Ada' }
 * build.users.many(3)
 * ```
 */
export function eventBuilders<
  Definitions extends StateDefinition,
  const Defaults extends RowDefaults<Definitions>,
>(state: StateSchema<Definitions>, defaults: Defaults): EventBuilders<Definitions, Defaults> {
  // Name by name the very shape that the type maps.
  return Object.fromEntries(
    Object.entries(defaults as Readonly<Record<string, (n: number) => unknown>>).map(([name, makeRow]) => {
      const helpers = (state as Readonly<Record<string, Helpers | undefined>>)[name]
      if (helpers === undefined) {
        const names = Object.keys(state).join(', ')
        throw new Error(`eventBuilders: expected a collection of the state (${names}) but received "${name}"`)
      }
      return [name, builderOf(helpers, makeRow)]
    }),
  ) as unknown as EventBuilders<Definitions, Defaults>
}

/** A collection's definition and its event helpers, where the types of its rows do not matter. */
interface Helpers {
  readonly primaryKey: string
  readonly keyValue?: true | undefined
  insert(parts: object): ChangeEvent
  update(parts: object): ChangeEvent
  delete(parts: object): ChangeEvent
}

function builderOf(helpers: Helpers, makeRow: (n: number) => unknown): EventBuilder<object> {
  let count = 0
  // Of two objects the fields of the second; both are rows, or parts of one.
  const row = (fields?: object): object => ({ ...(makeRow(++count) as object), ...fields })
  // The event of a bare value is made of its row, which has the key beside it.
  const partsOf = (one: object): object => (helpers.keyValue === true ? one : { value: one })
  const insert = (fields?: object): ChangeEvent<object> =>
    helpers.insert(partsOf(row(fields))) as ChangeEvent<object>
  return Object.assign(insert, {
    row,
    many: (howMany: number, fields?: object) => Array.from({ length: howMany }, () => insert(fields)),
    update: (old: object, fields: object) =>
      helpers.update({
        ...partsOf({ ...old, ...fields }),
        oldValue: helpers.keyValue === true ? fieldOf(old, 'value') : old,
      }) as ChangeEvent<object>,
    delete: (which: string | number | object) =>
      helpers.delete({
        key: typeof which === 'object' ? fieldOf(which, helpers.primaryKey) : which,
        ...(typeof which === 'object' && helpers.keyValue !== true && { oldValue: which }),
      }) as ChangeEvent<object>,
  })
}

function fieldOf(row: object, field: string): unknown {
  return Reflect.get(row, field)
}

let transactions = 0

/** Gives events the same transaction id: they become visible together. By default each call uses a new id. */
export function transaction<Value>(
  events: readonly ChangeEvent<Value>[],
  txid: string = `test-transaction-${++transactions}`,
): ChangeEvent<Value>[] {
  return events.map((event) => ({ ...event, headers: { ...event.headers, txid } }))
}

/** Puts a snapshot around events: what they do not carry is gone at its end. */
export function snapshot(events: readonly ChangeEvent[]): (ChangeEvent | ControlEvent)[] {
  return [{ headers: { control: 'snapshot-start' } }, ...events, { headers: { control: 'snapshot-end' } }]
}

/** Returns the event that voids everything before it. */
export function reset(): ControlEvent {
  return { headers: { control: 'reset' } }
}

import { BTreeIndex, createCollection, deepEquals, getActiveTransaction } from '@tanstack/db'
import type {
  Collection,
  NonSingleResult,
  StandardSchema as TanStackSchema,
  Transaction,
  UtilsRecord,
} from '@tanstack/db'
import { keyOf, wireRow } from '@streamdb/state'
import type { CollectionDefinition, InferInput, InferOutput, StateDefinition } from '@streamdb/state'
import type { Sink, SyncLife } from './apply.ts'
import { toStreamDBError } from '@streamdb/log'

/** The rows of a collection: what its schema returns. */
export type RowOf<Definition extends CollectionDefinition> = InferOutput<Definition['schema']> & object

/** What a collection takes: what its schema takes. */
export type NewRowOf<Definition extends CollectionDefinition> = InferInput<Definition['schema']> & object

/**
 * How a collection names its rows. The log's keys are text, and so are the collection's; where the primary key is a
 * number, the number is taken as well.
 */
export type KeyOf<Definition extends CollectionDefinition> =
  RowOf<Definition> extends Readonly<Record<Definition['primaryKey'], infer Key>>
    ? number extends Key
      ? string | number
      : string
    : string

/** A TanStack DB collection that is one event type of a stream. Its writes go through to the log. */
export type StreamCollection<Definition extends CollectionDefinition = CollectionDefinition> = Collection<
  RowOf<Definition>,
  KeyOf<Definition>,
  UtilsRecord,
  TanStackSchema<unknown>,
  NewRowOf<Definition>
> &
  NonSingleResult

/** The collections of a database, by name. */
export type CollectionMap<Definitions extends StateDefinition> = {
  readonly [Name in keyof Definitions]: StreamCollection<Definitions[Name]>
}

/** Any collection of ours, where its rows' types do not matter. */
export type AnyCollection = Collection<object, string, UtilsRecord, TanStackSchema<unknown>, object>

/** Who is told of a collection's changes. */
export type Subscription = ReturnType<AnyCollection['subscribeChanges']>

export type SubscribeOptions = NonNullable<Parameters<AnyCollection['subscribeChanges']>[1]>

/** What collections need of their database. */
export interface CollectionsOwner {
  /** Makes collection ids that no other database has. */
  readonly id: string
  /** Somebody reads: start the stream. Throws where it cannot be started any more. */
  onRead(): void
  /** A collection's sync begins: its rows are to come through `sink`. */
  onSync(type: string, sink: Sink, life: SyncLife): void
  /** Runs `mutate` in a transaction of its own, which is written to the log. */
  write(mutate: () => void): Transaction
  /** Somebody is about to look at a collection, or to write to it. */
  onLook(): void
  /** Somebody is told of every change of a collection from now on. */
  onSubscribe(collection: AnyCollection, subscription: Subscription, options: SubscribeOptions): void
}

/** Every collection of every database here, and its database. */
const owners = new WeakMap<object, CollectionsOwner>()

/** Whether a collection belongs to some database of ours: then another one is not to write to it. */
export function isStreamCollection(collection: object): boolean {
  return owners.has(collection)
}

/** Creates one collection a definition, none of them reading yet; by name. */
export function createCollections(
  definitions: StateDefinition,
  owner: CollectionsOwner,
): Map<string, AnyCollection> {
  const collections = new Map<string, AnyCollection>()
  for (const [name, definition] of Object.entries(definitions)) {
    const collection = createOne(`${owner.id}/${name}`, definition, owner)
    writeThrough(collection, owner)
    reportLooks(collection, owner)
    collections.set(name, collection)
  }
  return collections
}

function createOne(id: string, definition: CollectionDefinition, owner: CollectionsOwner): AnyCollection {
  const { schema, type, primaryKey } = definition
  const created = createCollection({
    id,
    // The same interface, spelled by TanStack.
    schema: schema as unknown as TanStackSchema<object>,
    getKey: (row: object) => keyOf(row, primaryKey) ?? '',
    // The log is read once, for all collections: rows that were dropped for want of readers would not come again.
    gcTime: 0,
    autoIndex: 'eager',
    defaultIndexType: BTreeIndex,
    sync: {
      rowUpdateMode: 'full',
      sync: ({ begin, write, commit, truncate, markReady, markError }) => {
        // Sinks are only ever given rows that validateRow returned.
        owner.onSync(
          type,
          { begin, write: write as Sink['write'], commit, truncate },
          { markReady, markError },
        )
        owner.onRead()
      },
    },
  })
  return created
}

/**
 * Makes a collection's own methods write through to the log, and take numbers for keys.
 *
 * TanStack's handlers (`onInsert` ...) run in a persisting transaction, which holds back every remote change of the
 * collection until it settles (DESIGN fact 4). A write is therefore made inside a transaction of ours, which stays
 * pending; inside someone's transaction it belongs to that.
 */
function writeThrough(collection: AnyCollection, owner: CollectionsOwner): void {
  const { insert, delete: remove } = collection
  const update = collection.update.bind(collection)
  const subscribe = collection.subscribeChanges.bind(collection)
  const write = (mutate: () => Transaction): Transaction => {
    owner.onLook()
    const checked = (): Transaction => {
      try {
        return mutate()
      } catch (error) {
        throw toStreamDBError(error, 'invalid-write', `Writing to ${collection.id} was refused`)
      }
    }
    return getActiveTransaction() === undefined ? owner.write(() => void checked()) : checked()
  }
  const reading = (name: 'get' | 'has') => {
    const read = collection[name].bind(collection)
    return (key: unknown) => {
      owner.onLook()
      return read(textOf(key))
    }
  }

  Object.assign(collection, {
    insert: (rows: object | object[], config?: Parameters<typeof insert>[1]) =>
      write(() => insert(Array.isArray(rows) ? rows.map(wireRow) : wireRow(rows), config)),
    update: (keys: unknown, ...rest: [never, never]) => write(() => update(textOf(keys), ...rest)),
    delete: (keys: unknown, config?: Parameters<typeof remove>[1]) =>
      // TanStack says `any` of the rows that it returns.
      write((): Transaction => remove(textOf(keys), config) as Transaction),
    get: reading('get'),
    has: reading('has'),
    subscribeChanges: (...[callback, options = {}]: Parameters<typeof subscribe>) => {
      owner.onLook()
      const subscription = subscribe(callback, options)
      owner.onSubscribe(collection, subscription, options)
      return subscription
    },
  })
}

/** By what a collection is read, beside `get`, `has` and `subscribeChanges` (contract/looks.test.ts). */
const looks = [
  'base',
  'createIndex',
  'currentStateAsChanges',
  'entries',
  'forEach',
  'indexes',
  'keys',
  'map',
  'size',
  'state',
  'toArray',
  'values',
  Symbol.iterator,
] as const satisfies (keyof AnyCollection)[]

// One for all collections: V8 is slow with objects that have a prototype each.
let lookedAt: object | undefined

/** Makes a collection tell its database before anybody reads it. */
function reportLooks(collection: AnyCollection, owner: CollectionsOwner): void {
  owners.set(collection, owner)
  lookedAt ??= withLooks(Object.getPrototypeOf(collection) as object) // a class of TanStack's
  Object.setPrototypeOf(collection, lookedAt)
}

function withLooks(prototype: object): object {
  const own = Object.create(prototype) as object // what has been made just now
  for (const look of looks) {
    Object.defineProperty(own, look, {
      get(this: object): unknown {
        owners.get(this)?.onLook()
        return Reflect.get(prototype, look, this)
      },
    })
  }
  return own
}

// Keys are text; a number is the text that spells it. What is neither is for TanStack to refuse.
function textOf(keys: unknown): string {
  const text: unknown = Array.isArray(keys)
    ? keys.map(textOf)
    : typeof keys === 'number'
      ? String(keys)
      : keys
  return text as string
}

/** Changes a row by what differs between `from` and `to`, in the transaction at hand. */
export function changeRow(collection: AnyCollection, key: string, from: object, to: object): void {
  collection.update(key, (draft: object) => {
    for (const field of Object.keys({ ...from, ...to })) {
      // TanStack's update keeps the fields that it is not told of; what is undefined is not written.
      const value = Reflect.get(to, field) as unknown
      if (!deepEquals(Reflect.get(from, field), value)) Reflect.set(draft, field, value)
    }
  })
}

import { isDevelopment } from '../development.ts'
import type { AnyCollection } from './types.ts'

/** Is asked before anybody reads a collection: rows that are applied in part are applied whole first. */
export interface ReadBarrier {
  beforeRead(): void
}

/**
 * By what a collection is read, beside `get`, `has` and `subscribeChanges` (contract/read-accessors.test.ts finds out
 * where TanStack adds one).
 */
const readAccessors = [
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

/** Every collection of every database here, and what it asks before it is read. */
const barriers = new WeakMap<object, ReadBarrier>()

/** Whether a collection belongs to some database of StreamDB: then another one is not to write to it. */
export function isStreamCollection(collection: object): boolean {
  return barriers.has(collection)
}

// One for all collections: V8 is slow with objects that have a prototype each.
let intercepting: object | undefined

/**
 * Makes a collection call `barrier.beforeRead()` before anybody reads it.
 *
 * A first load is applied in chunks, between which the event loop turns; a reader in between would see a part of it
 * (SPEC C1). TanStack has no hook for reads, so the accessors are intercepted: `get` and `has`, which are hot, on the
 * collection itself, and the others by one prototype for all collections. Upstream: none is planned; a sync transaction
 * that can be built in steps and committed at once would remove this file. Where TanStack adds an accessor, a test
 * fails; until it is listed, that accessor may see a part.
 */
export function interceptReads(collection: AnyCollection, barrier: ReadBarrier): void {
  barriers.set(collection, barrier)
  for (const name of ['get', 'has'] as const) {
    const read = collection[name].bind(collection)
    Object.assign(collection, {
      [name]: (key: unknown) => {
        barrier.beforeRead()
        return freezeRow(read(toKeyText(key)))
      },
    })
  }
  intercepting ??= interceptAccessors(Object.getPrototypeOf(collection) as object) // a class of TanStack's
  Object.setPrototypeOf(collection, intercepting)
}

function interceptAccessors(prototype: object): object {
  const own = Object.create(prototype) as object // an object that is made here
  for (const accessor of readAccessors) {
    Object.defineProperty(own, accessor, {
      get(this: object): unknown {
        barriers.get(this)?.beforeRead()
        const read: unknown = Reflect.get(prototype, accessor, this)
        if (accessor === 'toArray' && Array.isArray(read)) read.forEach(freezeRow)
        return read
      },
    })
  }
  return own
}

/**
 * Freezes a row in development, and returns it: an assignment to it throws where it is made, in place of changing what
 * every other reader sees and nothing else (F-real-40). Rows are changed by `update`.
 */
function freezeRow<Read>(row: Read): Read {
  return isDevelopment() ? Object.freeze(row) : row
}

/** Returns the text of a key, or of several; what is neither text nor a number is for TanStack to refuse. */
export function toKeyText(keys: unknown): string {
  const text: unknown = Array.isArray(keys)
    ? keys.map(toKeyText)
    : typeof keys === 'number'
      ? String(keys)
      : keys
  return text as string // as just said
}

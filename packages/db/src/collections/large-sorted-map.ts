import { SortedMap } from '@tanstack/db'
import { KeyBlocks } from './key-blocks.ts'
import type { ComparePlace } from './key-blocks.ts'

type Key = string | number
type Compare = (left: unknown, right: unknown) => number
type Rows = SortedMap<Key, unknown>

/** From so many keys on they are kept in blocks: among fewer an insertion moves them in less than a microsecond. */
const LARGE = 2048

// TanStack's own, by which small maps go on.
const set = Reflect.get(SortedMap.prototype, 'set') as Rows['set']
const remove = Reflect.get(SortedMap.prototype, 'delete') as Rows['delete']

/** Maps that stay as they are: some of their keys are neither text nor numbers, which have no order. */
const unordered = new WeakSet<object>()

let isInstalled = false

/**
 * Makes TanStack keep the keys of large collections in blocks, those of live queries too.
 *
 * TanStack has the keys of a collection in one sorted array, so that a row which comes or goes moves all keys behind it:
 * some 0.1 ms where there are 100,000. A joined row whose other side changes goes and comes, and that was most of what a
 * live event cost under such a join (bench, live-join and demand-join). The order of rows is the same. It is the class
 * that is changed, as nobody is told of the collections of live queries.
 *
 * Contract: contract/large-sorted-map.test.ts. Upstream: a tree in place of the array would remove this file. Where the
 * class has other fields than the known ones, nothing is changed.
 */
export function keepKeysInBlocks(): void {
  if (isInstalled) return
  isInstalled = true
  if (fields === undefined) return
  Object.assign(SortedMap.prototype, {
    set(this: Rows, key: Key, row: unknown, deferOrder?: boolean): Rows {
      const map = mapOf(this)
      const moves =
        map.size >= LARGE && deferOrder !== true && (!map.has(key) || compareOf(this) !== undefined)
      return moves && isOrdered(key) && grow(this) ? this.set(key, row) : set.call(this, key, row, deferOrder)
    },
    delete(this: Rows, key: Key, deferOrder?: boolean): boolean {
      const isLarge = mapOf(this).size >= LARGE && deferOrder !== true
      return isLarge && grow(this) ? this.delete(key) : remove.call(this, key, deferOrder)
    },
  })
}

/** A map whose keys are in blocks. Made of a map that has become large, which stays the same object. */
class LargeSortedMap extends SortedMap<Key, unknown> {
  declare blocks: KeyBlocks<Key, unknown>

  override set(key: Key, row: unknown): this {
    if (!isOrdered(key)) {
      shrink(this)
      return this.set(key, row)
    }
    const map = mapOf(this)
    if (map.has(key)) {
      // Only the order of values changes with a value.
      const moves = compareOf(this) !== undefined
      if (moves) this.blocks.remove(key, map.get(key))
      map.set(key, row)
      if (moves) this.blocks.insert(key, row)
    } else {
      this.blocks.insert(key, row)
      map.set(key, row)
    }
    return this
  }

  override delete(key: Key): boolean {
    const map = mapOf(this)
    if (!map.has(key)) return false
    this.blocks.remove(key, map.get(key))
    return map.delete(key)
  }

  override clear(): void {
    this.blocks = noBlocks
    Object.setPrototypeOf(this, SortedMap.prototype)
    this.clear()
  }

  override restoreOrder(): void {
    // It is never lost.
  }

  override *[Symbol.iterator](): IterableIterator<[Key, unknown]> {
    const map = mapOf(this)
    for (const key of this.blocks) yield [key, map.get(key)]
  }

  override entries(): IterableIterator<[Key, unknown]> {
    return this[Symbol.iterator]()
  }

  override keys(): IterableIterator<Key> {
    return this.blocks[Symbol.iterator]()
  }

  override *values(): IterableIterator<unknown> {
    const map = mapOf(this)
    for (const key of this.blocks) yield map.get(key)
  }

  override forEach(run: (row: unknown, key: Key, map: Map<Key, unknown>) => void): void {
    const map = mapOf(this)
    for (const key of this.blocks) run(map.get(key), key, map)
  }
}

/** Puts the keys of a map in blocks; returns whether that is done. */
function grow(rows: Rows): boolean {
  if (Object.getPrototypeOf(rows) !== SortedMap.prototype || unordered.has(rows)) return false
  // In order.
  const keys = [...rows.keys()]
  if (!keys.every(isOrdered)) {
    unordered.add(rows)
    return false
  }
  const map = mapOf(rows)
  const compare = compareOf(rows)
  const byValue: ComparePlace<Key, unknown> = (key, row, other) =>
    compare?.(row, map.get(other)) || compareKeys(key, other)
  const large = Object.setPrototypeOf(rows, LargeSortedMap.prototype) as LargeSortedMap // as it is now
  large.blocks = new KeyBlocks(keys, compare === undefined ? compareKeyAlone : byValue)
  // Nothing reads it any more.
  keysOf(rows).length = 0
  return true
}

/** Puts the keys in one array again: one of them is to have no order. */
function shrink(rows: LargeSortedMap): void {
  const entries = [...rows]
  unordered.add(rows)
  rows.clear()
  for (const [key, row] of entries) set.call(rows, key, row, true)
}

function isOrdered(key: unknown): boolean {
  return typeof key === 'string' || typeof key === 'number'
}

const compareKeyAlone: ComparePlace<Key, unknown> = (key, _row, other) => compareKeys(key, other)

/** As TanStack orders keys: text before numbers, and NaN last. */
function compareKeys(left: Key, right: Key): number {
  if (typeof left !== typeof right) return typeof left === 'string' ? -1 : 1
  if (left < right) return -1
  if (left > right) return 1
  return left === right ? 0 : Number(left !== left) - Number(right !== right)
}

/** Of a map that is large no more. */
const noBlocks = new KeyBlocks<Key, unknown>([], compareKeyAlone)

/** The names of a map's own parts: a build of TanStack's may shorten them. */
interface Fields {
  readonly map: string
  readonly keys: string
  readonly compare: string
}

const fields = findFields()

function findFields(): Fields | undefined {
  const compare: Compare = () => 0
  const own = Object.entries(new SortedMap<Key, unknown>(compare))
  const nameOf = (is: (value: unknown) => boolean): string | undefined => {
    const found = own.filter(([, value]) => is(value))
    return found.length === 1 ? found[0]?.[0] : undefined
  }
  const map = nameOf((value) => value instanceof Map)
  const keys = nameOf(Array.isArray)
  const comparator = nameOf((value) => value === compare)
  if (map === undefined || keys === undefined || comparator === undefined) return undefined
  return { map, keys, compare: comparator }
}

const { map: mapField = '', keys: keysField = '', compare: compareField = '' } = fields ?? {}

// What `findFields` has seen there. By its name: as here all maps have one shape, that costs a tenth of Reflect.get.
const partsOf = (rows: Rows): Readonly<Record<string, unknown>> => rows as unknown as Record<string, unknown>
const mapOf = (rows: Rows): Map<Key, unknown> => partsOf(rows)[mapField] as Map<Key, unknown>
const keysOf = (rows: Rows): Key[] => partsOf(rows)[keysField] as Key[]
const compareOf = (rows: Rows): Compare | undefined => partsOf(rows)[compareField] as Compare | undefined

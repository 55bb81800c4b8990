import type { LoadSubsetOptions } from '@tanstack/db'
import { readField } from './fields.ts'
import type { FieldPath } from './fields.ts'
import { fieldOf } from './predicate.ts'

export type OrderBy = NonNullable<LoadSubsetOptions['orderBy']>
type CompareOptions = OrderBy[number]['compareOptions']

/** The order of a query's window. */
export interface RowOrder {
  /** Negative where `left` comes first. */
  compare(left: object, right: object): number
  /** By the first field alone: the rows that are equal by it are loaded together. */
  compareFirst(left: object, right: object): number
  /** Whether rows like this one are in the same order here as in TanStack: plain values, dates and null. */
  canPlace(row: object): boolean
  readonly text: string
}

/**
 * Returns the order that TanStack asks for; `undefined` where only TanStack itself knows it: computed fields, and a
 * collation of the application's or none at all.
 */
export function rowOrderOf(orderBy: OrderBy): RowOrder | undefined {
  const terms: Term[] = []
  for (const { expression, compareOptions } of orderBy) {
    const path = fieldOf(expression)
    if (path === undefined || path[0]?.startsWith('$')) return undefined
    const { stringSort } = compareOptions
    if (stringSort !== 'lexical' && stringSort !== 'locale') return undefined
    terms.push({ path, options: compareOptions, kind: undefined })
  }
  const [first] = terms
  if (first === undefined) return undefined
  const compareFirst = (left: object, right: object): number => compareBy(first, left, right)
  return {
    compareFirst,
    compare:
      terms.length === 1
        ? compareFirst
        : (left, right) => {
            for (const term of terms) {
              const result = compareBy(term, left, right)
              if (result !== 0) return result
            }
            return 0
          },
    canPlace: (row) => terms.every((term) => hasOneKind(term, row)),
    text: JSON.stringify(terms.map(({ path, options }) => [path, options])),
  }
}

interface Term {
  readonly path: FieldPath
  readonly options: CompareOptions
  /** What the values of the field are so far: values of several kinds have no order that could be relied upon. */
  kind: string | undefined
}

function hasOneKind(term: Term, row: object): boolean {
  const value = readField(row, term.path)
  if (value === null || value === undefined) return true
  const kind = value instanceof Date ? 'date' : typeof value
  if (kind === 'object' || kind === 'symbol' || kind === 'function') return false
  return (term.kind ??= kind) === kind
}

function compareBy({ path, options }: Term, left: object, right: object): number {
  const [a, b] = [readField(left, path), readField(right, path)]
  const isAbsentA = a === null || a === undefined
  const isAbsentB = b === null || b === undefined
  if (isAbsentA || isAbsentB) {
    if (isAbsentA && isAbsentB) return 0
    // Whichever the direction is.
    return isAbsentA === (options.nulls === 'first') ? -1 : 1
  }
  return options.direction === 'asc' ? comparePlain(a, b, options) : comparePlain(b, a, options)
}

function comparePlain(a: unknown, b: unknown, options: CompareOptions): number {
  if (typeof a === 'string' && typeof b === 'string' && options.stringSort === 'locale') {
    return a.localeCompare(b, options.locale, options.localeOptions)
  }
  const left = a instanceof Date ? a.getTime() : a
  const right = b instanceof Date ? b.getTime() : b
  const isUnorderedLeft = Number.isNaN(left)
  const isUnorderedRight = Number.isNaN(right)
  if (isUnorderedLeft || isUnorderedRight) return Number(isUnorderedLeft) - Number(isUnorderedRight)
  // `canPlace` let them in: of one kind.
  if ((left as number) < (right as number)) return -1
  return (left as number) > (right as number) ? 1 : 0
}

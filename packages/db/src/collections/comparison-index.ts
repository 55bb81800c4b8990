import { BTreeIndex } from '@tanstack/db'

type RangeOptions = NonNullable<Parameters<BTreeIndex['rangeQuery']>[0]>

/**
 * The index of a field, by which TanStack finds the rows of an ordered query or a comparison: one that finds no row without a value
 * for a comparison.
 *
 * Such a row is neither above nor below anything. TanStack relies on these rows being first in an index; in one that was made
 * for an order with `nulls: 'last'`, or for a descending one, they come last, and `gt(row.rank, 0)` found them. A live query
 * then took each for a row that it had, and left it out when it got a value.
 *
 * Contract: contract/indexes.test.ts. Upstream: a comparison that leaves them out would remove this class.
 */
export class ComparisonIndex<Key extends string | number = string | number> extends BTreeIndex<Key> {
  override rangeQuery(options: RangeOptions = {}): Set<Key> {
    const found = super.rangeQuery(options)
    // Without a bound all rows are meant; who asks for rows from none on, or up to it, has an order in mind.
    const isComparison = [options.from, options.to].some((bound) => bound !== undefined && bound !== null)
    if (!isComparison) return found
    for (const nothing of [null, undefined]) for (const key of this.equalityLookup(nothing)) found.delete(key)
    return found
  }
}

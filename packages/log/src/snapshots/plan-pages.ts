import type { NewestRows } from '../older-rows.ts'
import { isBefore, start } from '../offsets.ts'
import type { SnapshotEntry, SnapshotPage } from './format.ts'

/** Which pages of a snapshot are read first. */
export interface PagePlan {
  /** From here on to the end: they hold the newest rows. */
  readonly tail: number
  /** Pages before that with rows of types that are wanted whole, in their order. */
  readonly whole: readonly number[]
  /** The stream beside the snapshot has all of these rows. */
  readonly takesFew: boolean
}

/** Pages between two that are wanted: so many are read with them. */
const smallGap = 2
/** Where more than this share of the older pages is wanted, one request for all is less. */
const mostShare = 0.6

/**
 * Returns which pages hold the newest rows; nothing where that is all of them, or the index does not say. Where what it says
 * does not add up, the snapshot has to be read whole: that tells whether it is.
 */
export function planPages(
  entry: Pick<SnapshotEntry, 'rows' | 'pages' | 'types' | 'few'>,
  newest: NewestRows,
): PagePlan | undefined {
  const { pages, types, few } = entry
  const { last, of, whole } = newest
  if (!addsUp(entry)) return undefined
  let tail = pages.length
  for (let count = 0; tail > 0 && count < last; tail--) count += rowsOf(pages[tail - 1], [of[0]])
  const isFew = (type: string): boolean => !Object.hasOwn(types, type) || few?.types.includes(type) === true
  if (few !== undefined && whole.every(isFew))
    return tail > 0 ? { tail, whole: [], takesFew: true } : undefined
  const others: number[] = []
  for (let page = 0; page < tail; page++) {
    if (rowsOf(pages[page], whole) === 0) continue
    // A request more costs more than a page or two that are wanted later anyway.
    const behind = (others.at(-1) ?? -1) + 1
    if (page - behind <= smallGap) for (let between = behind; between < page; between++) others.push(between)
    others.push(page)
  }
  return others.length > tail * mostShare ? undefined : { tail, whole: others, takesFew: false }
}

/** Tells whether the pages follow each other and have all rows, by type too; not where a page does not count its rows by type. */
function addsUp({ rows, pages, types }: Pick<SnapshotEntry, 'rows' | 'pages' | 'types'>): boolean {
  let before: string | undefined
  let sum = 0
  const sums = new Map<string, number>()
  for (const page of pages) {
    if (page.types === undefined) return false
    if (before === undefined ? page.offset !== start : !isBefore(before, page.offset)) return false
    before = page.offset
    let own = 0
    for (const [type, count] of Object.entries(page.types)) {
      own += count
      sums.set(type, (sums.get(type) ?? 0) + count)
    }
    if (own !== page.rows) return false
    sum += own
  }
  const counted = Object.entries(types)
  return (
    sum === rows && counted.length === sums.size && counted.every(([type, count]) => sums.get(type) === count)
  )
}

/** Returns how many rows of some types a page has. */
export function rowsOf(page: SnapshotPage | undefined, types: readonly string[]): number {
  let count = 0
  for (const type of types) {
    // Own members only: a type may be named `constructor` (SPEC P5).
    if (page?.types !== undefined && Object.hasOwn(page.types, type)) count += page.types[type] ?? 0
  }
  return count
}

import type { NewestRows } from '../older-rows.ts'
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

/** Returns which pages hold the newest rows; nothing where that is all of them, or the index does not say. */
export function planPages(
  { pages, types, few }: Pick<SnapshotEntry, 'pages' | 'types' | 'few'>,
  newest: NewestRows,
): PagePlan | undefined {
  const { last, of, whole } = newest
  if (pages.some(({ types }) => types === undefined)) return undefined
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

/** Returns how many rows of some types a page has. */
export function rowsOf(page: SnapshotPage | undefined, types: readonly string[]): number {
  let count = 0
  for (const type of types) {
    // Own members only: a type may be named `constructor` (SPEC P5).
    if (page?.types !== undefined && Object.hasOwn(page.types, type)) count += page.types[type] ?? 0
  }
  return count
}

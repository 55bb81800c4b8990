import type { Change } from './state.ts'

/** Of what the most frequent ones are listed. A page is a title of a wiki: the same title may be in many. */
export const rankings = ['page', 'user', 'wiki'] as const
export type Ranking = (typeof rankings)[number]

type Counted = Pick<Change, 'title' | 'user' | 'wiki' | 'at'>

const keyOf: Readonly<Record<Ranking, (change: Counted) => string>> = {
  page: ({ title, wiki }) => `${wiki}\n${title}`,
  user: ({ user }) => user,
  wiki: ({ wiki }) => wiki,
}

/** A name, and in how many changes it is. */
export interface Tally {
  readonly name: string
  readonly changes: number
}

/** So many seconds are drawn. */
export const seconds = 60

/**
 * Counts changes as they come and go: how many each page, editor and wiki has, and how many were made in each second.
 *
 * Live queries could count as well; at hundreds of changes a second this takes a map's access a change, and the page asks for
 * the result once a second.
 */
export class Tallies {
  readonly #counts: Readonly<Record<Ranking, Map<string, number>>> = {
    page: new Map(),
    user: new Map(),
    wiki: new Map(),
  }
  readonly #perSecond = new Map<number, number>()

  add(change: Counted): void {
    for (const each of rankings) this.#count(each, keyOf[each](change), 1)
    const second = Math.floor(change.at / 1_000)
    this.#perSecond.set(second, (this.#perSecond.get(second) ?? 0) + 1)
    if (this.#perSecond.size > 4 * seconds) this.#forget()
  }

  /** Takes a change out of the rankings. It has happened all the same: the seconds keep it. */
  remove(change: Counted): void {
    for (const each of rankings) this.#count(each, keyOf[each](change), -1)
  }

  /** Returns the most frequent ones, the most frequent first; of equal ones that which comes first in the alphabet. */
  top(ranking: Ranking, most: number): Tally[] {
    const top: Tally[] = []
    for (const [name, changes] of this.#counts[ranking]) {
      const last = top.at(-1)
      if (top.length === most && last !== undefined && isBefore(last, { name, changes })) continue
      const at = top.findIndex((each) => isBefore({ name, changes }, each))
      top.splice(at === -1 ? top.length : at, 0, { name, changes })
      if (top.length > most) top.pop()
    }
    return top
  }

  /** Returns the names of a ranking. */
  names(ranking: Ranking): string[] {
    return [...this.#counts[ranking].keys()].sort()
  }

  /** Returns how many changes were made in each of the last seconds before `second`, oldest first. */
  perSecond(second: number): number[] {
    return Array.from({ length: seconds }, (_, index) => this.#perSecond.get(second - seconds + index) ?? 0)
  }

  #forget(): void {
    const newest = Math.max(...this.#perSecond.keys())
    for (const second of this.#perSecond.keys())
      if (second < newest - 2 * seconds) this.#perSecond.delete(second)
  }

  #count(ranking: Ranking, name: string, by: 1 | -1): void {
    const counts = this.#counts[ranking]
    const count = (counts.get(name) ?? 0) + by
    if (count === 0) counts.delete(name)
    else counts.set(name, count)
  }
}

function isBefore(one: Tally, other: Tally): boolean {
  return one.changes > other.changes || (one.changes === other.changes && one.name <= other.name)
}

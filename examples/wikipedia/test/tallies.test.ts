import { expect, test } from 'vitest'
import { everything, formatFilter, matches, parseFilter } from '../src/filter.ts'
import type { Filter } from '../src/filter.ts'
import { rankings, Tallies } from '../src/tallies.ts'
import type { NewChange } from '../worker/parse-change.ts'
import { madeUp } from '../worker/replay.ts'

test.each([
  [0, 0],
  [300, 0],
  [600, 350],
  [600, 600],
])('[Y4] of %i changes without %i, the tallies are those of the others', (added, removed) => {
  const now = 100_000
  const changes = Array.from({ length: added }, (_, index) => madeUp(index, now - 500 * index))
  const tallies = new Tallies()
  for (const each of changes) tallies.add(each)
  for (const each of changes.slice(0, removed)) tallies.remove(each)
  const keys = {
    page: ({ wiki, title }: NewChange) => `${wiki}\n${title}`,
    user: ({ user }: NewChange) => user,
    wiki: ({ wiki }: NewChange) => wiki,
  }
  for (const ranking of rankings) {
    const counts = new Map<string, number>()
    for (const each of changes.slice(removed).map(keys[ranking]))
      counts.set(each, (counts.get(each) ?? 0) + 1)
    const ranked = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, 8)
    expect(tallies.top(ranking, 8)).toEqual(ranked.map(([name, count]) => ({ name, changes: count })))
  }
  // Two a second, also where a change is no longer kept.
  expect(tallies.perSecond(now / 1_000).slice(1)).toEqual(
    Array.from({ length: 59 }, () => (added === 0 ? 0 : 2)),
  )
})

const edit = {
  ...{
    wiki: 'enwiki',
    type: 'edit',
    namespace: 0,
    title: 'Ada Lovelace',
    user: 'Grace',
    bot: false,
    minor: false,
  },
  ...{ comment: 'Fixed 100% of a_b', origin: 'live' as const },
}

test.each<[string, Partial<Filter>, boolean]>([
  ['nothing', {}, true],
  ['a wiki', { wiki: 'enwiki' }, true],
  ['another wiki', { wiki: 'dewiki' }, false],
  ['a type', { type: 'new' }, false],
  ['a namespace', { namespace: '0' }, true],
  ['another namespace', { namespace: '1' }, false],
  ['people', { bots: 'people' }, true],
  ['bots', { bots: 'bots' }, false],
  ['words in any order and field', { text: 'grace ADA' }, true],
  ['a word that is in none', { text: 'ada babbage' }, false],
  ['a sign that stands for itself', { text: '0%' }, true],
  ['a sign that stands for nothing else', { text: 'a_l' }, false],
])('[Y4] a filter by %s', (_, part, expected) => {
  const filter = { ...everything, ...part }
  expect(matches(filter, edit)).toBe(expected)
  expect(parseFilter(formatFilter(filter))).toEqual(filter)
})

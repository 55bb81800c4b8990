import { expect, test } from 'vitest'
import type { SnapshotPage } from '../src/snapshots/format.ts'
import { planPages } from '../src/snapshots/plan-pages.ts'

const newest = { last: 2, of: ['message'], whole: ['user'] } as const

const page = (offset: string, rows: number, types: SnapshotPage['types']): SnapshotPage => ({
  offset,
  rows,
  types,
})

const first = page('-1', 3, { user: 1, message: 2 })
const second = page('10', 2, { message: 2 })
const third = page('20', 2, { message: 2 })
const whole = { rows: 7, types: { user: 1, message: 6 }, few: undefined }

test('[R11] pages that add up are read alone', () => {
  const few = { types: ['user'], rows: 1 }
  const plan = planPages({ ...whole, few, pages: [first, second, third] }, newest)
  expect(plan).toEqual({ tail: 2, whole: [], takesFew: true })
})

test.each<[string, readonly SnapshotPage[], object?]>([
  ['a page is missing', [first, third]],
  ['one is there twice', [first, second, second, third]],
  ['two have changed places', [first, third, second]],
  ['the first does not begin with the snapshot', [{ ...first, offset: '5' }, second, third]],
  ['one counts fewer rows', [first, { ...second, rows: 1 }, third]],
  ['one counts other types', [first, page('10', 2, { user: 2 }), third]],
  ['one does not count types', [first, { ...second, types: undefined }, third]],
  ['there are more rows', [first, second, third], { rows: 8 }],
  ['there are other types', [first, second, third], { types: { user: 1, message: 5, draft: 1 } }],
  ['there are none', []],
])('[R11] where %s, the snapshot is read whole', (_, pages, other = {}) => {
  const few = { types: ['user'], rows: 1 }
  expect(planPages({ ...whole, few, pages, ...other }, newest)).toBeUndefined()
})

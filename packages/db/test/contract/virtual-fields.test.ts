import { createLiveQueryCollection } from '@tanstack/db'
import { expect, test } from 'vitest'
import { stripVirtualFields } from '../../src/collections/virtual-fields.ts'
import { createSource, put } from './source.ts'

test('[F-event-10] every field that TanStack adds to a row is known, and can be stripped', async () => {
  const { collection, commit } = createSource('users')
  commit(put('1', { name: 'Ada' }))
  const live = createLiveQueryCollection((q) => q.from({ user: collection }))
  await live.preload()
  const rows = [
    collection.get('1'),
    collection.toArray[0],
    live.toArray[0],
    ...(collection.currentStateAsChanges() ?? []).map(({ value }) => value),
  ]
  for (const row of rows) expect(stripVirtualFields({ ...row })).toEqual({ id: '1', name: 'Ada' })
})

test("[C2] fields of the application's own that begin with $ stay", () => {
  expect(stripVirtualFields({ id: '1', $price: 3, $synced: true })).toEqual({ id: '1', $price: 3 })
})

test.each([undefined, null, 7, 'text', ['$synced']])('what is no row stays as it is: %j', (value) => {
  expect(stripVirtualFields(value)).toBe(value)
})

import { overlay, start } from './overlays.ts'
import { put } from './source.ts'
import { expect, test } from 'vitest'

test('[fact 4] a transaction can be completed in one step, without a moment in which it persists', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const transaction = overlay(() => void source.collection.insert({ id: '2', name: 'new' }))
  source.commit(put('2', { name: 'new' }))
  source.published.length = 0
  const settled = transaction.when('settled')
  transaction.setState('completed')
  transaction.touchCollection()
  // oxlint-disable-next-line typescript/no-deprecated -- what writes.ts does
  transaction.isPersisted.resolve(transaction)
  // All of it by now, before any promise has had its turn.
  expect(source.published).toEqual([['update 2 new']])
  expect(source.collection.get('2')?.$hasPendingWrites).toBe(false)
  expect(source.commit(put('3', { name: 'Cy' }))).toBe(true)
  expect(await settled).toBe(transaction)
})

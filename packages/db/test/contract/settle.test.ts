import { expect, test } from 'vitest'
import { rollBackTransaction, settleTransaction } from '../../src/collections/settle.ts'
import { overlay, rename, start } from './overlays.ts'
import { put, rowsOf } from './source.ts'

test('[fact 4] a transaction is completed in one step, without a moment in which it persists', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const transaction = overlay(() => void source.collection.insert({ id: '2', name: 'new' }))
  source.commit(put('2', { name: 'new' }))
  source.published.length = 0
  const settled = transaction.when('settled')
  settleTransaction(transaction)
  // All of it by now, before any promise has had its turn.
  expect(transaction.state).toBe('completed')
  expect(source.published).toEqual([['update 2 new']])
  expect(source.collection.get('2')?.$hasPendingWrites).toBe(false)
  expect(source.commit(put('3', { name: 'Cy' }))).toBe(true)
  expect(await settled).toBe(transaction)
})

test('[fact 4] where TanStack has no `isPersisted` or `setState` any more, the transaction is committed', async () => {
  for (const gone of ['isPersisted', 'setState', 'touchCollection']) {
    const source = start({ id: '1', name: 'Ada' })
    const transaction = overlay(() => rename(source, '1', 'mine'))
    source.commit(put('1', { name: 'mine' }))
    const settled = transaction.when('settled')
    // As a later version may look from outside; its own methods go on working.
    const later = new Proxy(transaction, {
      get: (target, name) => {
        if (name === gone) return undefined
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    settleTransaction(later)
    await settled
    expect(transaction.state).toBe('completed')
    expect(rowsOf(source.collection)).toEqual([{ id: '1', name: 'mine' }])
  }
})

test('[fact 4] a transaction is rolled back alone: later ones on its rows stay', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const first = overlay(() => rename(source, '1', 'first'))
  const second = overlay(() => rename(source, '1', 'second'))
  const failed = first.when('settled')
  rollBackTransaction(first, new Error('refused'))
  await expect(failed).rejects.toThrow('refused')
  expect(second.state).toBe('pending')
  expect(rowsOf(source.collection)).toEqual([{ id: '1', name: 'second' }])
})

import { createTransaction } from '@tanstack/db'
import { expect, test } from 'vitest'
import { overlay, rename, start } from './overlays.ts'
import { put, remove, rowsOf } from './source.ts'

test('[fact 4] a pending transaction overlays its rows, and remote rows keep flowing', () => {
  const source = start({ id: '1', name: 'Ada' })
  const transaction = overlay(() => {
    rename(source, '1', 'mine')
    source.collection.insert({ id: '2', name: 'new' })
  })
  expect(source.commit(put('1', { name: 'remote' }), put('3', { name: 'Cy' }))).toBe(true)
  expect(transaction.state).toBe('pending')
  expect(rowsOf(source.collection).sort((left, right) => left.id.localeCompare(right.id))).toEqual([
    { id: '1', name: 'mine' },
    { id: '2', name: 'new' },
    { id: '3', name: 'Cy' },
  ])
  expect(source.published).toEqual([['update 1 mine'], ['insert 2 new'], ['insert 3 Cy']])
})

test.each<[name: string, confirmed: string]>([
  ['as it was written', 'new'],
  ['as the server changed it', 'newer'],
])(
  '[fact 4] a confirmed row (%s) and commit() replace the overlay in one update',
  async (_name, confirmed) => {
    const source = start({ id: '1', name: 'Ada' })
    const transaction = overlay(() => {
      source.collection.insert({ id: '2', name: 'new' })
      rename(source, '1', 'new')
    })
    source.published.length = 0
    // Under the overlay the confirmed row changes nothing that is seen.
    expect(source.commit(put('2', { name: confirmed }), put('1', { name: confirmed }))).toBe(true)
    expect(source.published).toEqual([])
    expect(source.collection.get('2')?.$hasPendingWrites).toBe(true)
    await transaction.commit()
    expect(transaction.state).toBe('completed')
    expect(source.published.map((changes) => changes.sort())).toEqual([
      [`update 1 ${confirmed}`, `update 2 ${confirmed}`],
    ])
    expect(source.collection.get('2')?.$hasPendingWrites).toBe(false)
  },
)

test('[fact 4] a confirmed delete and commit() publish nothing more', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const transaction = overlay(() => void source.collection.delete('1'))
  source.commit(remove('1'))
  await transaction.commit()
  expect(source.published).toEqual([['delete 1 Ada']])
})

test('[fact 4] commit() without the confirmed row takes the overlay away: a flicker', async () => {
  const source = start()
  const transaction = overlay(() => void source.collection.insert({ id: '1', name: 'new' }))
  await transaction.commit()
  expect(source.published).toEqual([['insert 1 new'], ['delete 1 new']])
})

test('[fact 4] while commit() runs, for a microtask, sync is held, and applied when it settles', async () => {
  const source = start()
  const transaction = overlay(() => void source.collection.insert({ id: '1', name: 'new' }))
  const committing = transaction.commit()
  const receipt = source.commit(put('1', { name: 'new' }), put('2', { name: 'Bob' }))
  expect(transaction.state).toBe('persisting')
  expect(source.published).toEqual([['insert 1 new']])
  await committing
  await expect(receipt).resolves.toBeUndefined()
  expect(source.published.slice(1).map((changes) => changes.sort())).toEqual([
    ['insert 2 Bob', 'update 1 new'],
  ])
})

test('[fact 4] rollback() of a pending transaction gives back the row beneath, and rejects what waits', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const transaction = overlay(() => rename(source, '1', 'mine'))
  source.commit(put('1', { name: 'remote' }))
  const reason = new Error('the append failed')
  transaction.rollback({ error: reason })
  expect(transaction.state).toBe('failed')
  expect(source.published).toEqual([['update 1 mine'], ['update 1 remote']])
  await expect(transaction.when('settled')).rejects.toBe(reason)
})

test('[fact 4] rollback() rolls back every pending transaction on the same keys, earlier ones too', () => {
  const source = start({ id: '1', name: 'Ada' }, { id: '2', name: 'Bob' })
  const first = overlay(() => rename(source, '1', 'first'))
  const second = overlay(() => rename(source, '1', 'second'))
  const third = overlay(() => rename(source, '1', 'third'))
  const other = overlay(() => rename(source, '2', 'other'))
  second.rollback()
  expect([first, second, third, other].map(({ state }) => state)).toEqual([
    'failed',
    'failed',
    'failed',
    'pending',
  ])
  expect(rowsOf(source.collection)).toEqual([
    { id: '1', name: 'Ada' },
    { id: '2', name: 'other' },
  ])
})

test('[fact 4] rollback({ isSecondaryRollback: true }) leaves the others alone', async () => {
  const source = start({ id: '1', name: 'Ada' })
  const first = overlay(() => rename(source, '1', 'first'))
  const second = overlay(() => rename(source, '1', 'second'))
  first.rollback({ isSecondaryRollback: true })
  expect([first.state, second.state]).toEqual(['failed', 'pending'])
  expect(rowsOf(source.collection)).toEqual([{ id: '1', name: 'second' }])
  source.commit(put('1', { name: 'second' }))
  await second.commit()
  expect(rowsOf(source.collection)).toEqual([{ id: '1', name: 'second' }])
})

test('[fact 4] a listener that throws makes mutate() throw and takes its mutations back', () => {
  const source = start()
  source.collection.subscribeChanges(() => {
    throw new Error('mistake of a listener')
  })
  const transaction = createTransaction({ autoCommit: false, mutationFn: () => Promise.resolve() })
  expect(() => transaction.mutate(() => void source.collection.insert({ id: '1', name: 'new' }))).toThrow(
    AggregateError,
  )
  expect([transaction.state, transaction.mutations.length, source.collection.size]).toEqual(['pending', 0, 0])
})

test('[fact 4] a listener that throws at commit() or rollback() does not leave the transaction unsettled', async () => {
  const source = start({ id: '1', name: 'Ada' }, { id: '2', name: 'Bob' })
  const kept = overlay(() => rename(source, '1', 'mine'))
  const dropped = overlay(() => rename(source, '2', 'mine'))
  source.collection.subscribeChanges(() => {
    throw new Error('mistake of a listener')
  })
  expect(() => dropped.rollback()).toThrow('mistake of a listener')
  expect(dropped.state).toBe('failed')
  await expect(kept.commit()).rejects.toThrow('mistake of a listener')
  expect(kept.state).toBe('completed')
  await expect(kept.when('settled')).resolves.toBe(kept)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Transaction } from '@tanstack/db'
import { commitBesideOverlay } from '../../src/collections/commit-beside-overlay.ts'
import { overlayIncrementally } from '../../src/collections/incremental-overlay.ts'
import { rollBackTransaction, settleTransaction } from '../../src/collections/settle.ts'
import { createPendingTransaction } from '../../src/collections/transactions.ts'
import { start } from './overlays.ts'
import { put, remove } from './source.ts'

const key = fc.constantFrom('1', '2', '3', '4')
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      keys: fc.array(key, { minLength: 1, maxLength: 3 }),
      remove: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('older' as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('settle' as const, 'roll back' as const), which: fc.nat(5) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sync' as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('load' as const), key }) },
)

test('[F-real-13] what is shown by the newest transaction alone is what TanStack computes from all that are pending', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const { collection, commit, published } = start({ id: '1', name: 'Ada' }, { id: '2', name: 'Bob' })
      const state = collection._state
      const computeAll = state.recomputeOptimisticState.bind(state)
      overlayIncrementally(collection as never) // whatever its rows are
      const pending: Transaction[] = []
      let count = 0
      const edit = (id: string, remove: boolean): void => {
        const name = `name ${count++}`
        if (!collection.has(id)) collection.insert({ id, name })
        else if (remove) collection.delete(id)
        else collection.update(id, (draft) => void (draft.name = name))
      }
      // By the publications, as a listener would keep them.
      const seen = new Map<string, unknown>()
      for (const [id, row] of collection.entries()) seen.set(id, row.name)
      collection.subscribeChanges(
        (changes) => {
          for (const { type, key: id, value } of changes) {
            expect([type, seen.has(id)]).toEqual([type, type !== 'insert'])
            if (type === 'delete') seen.delete(id)
            else seen.set(id, value.name)
          }
        },
        { includeInitialState: false },
      )
      for (const next of steps) {
        const [oldest] = pending
        if (next.do === 'write') {
          const transaction = createPendingTransaction()
          transaction.mutate(() => next.keys.forEach((id) => edit(id, next.remove)))
          pending.push(transaction)
        } else if (next.do === 'older') oldest?.mutate(() => edit(next.key, false))
        else if (next.do === 'load') {
          const change = collection._state.syncedData.has(next.key)
            ? remove(next.key)
            : put(next.key, { name: `loaded ${count++}` })
          commitBesideOverlay(collection as never, [next.key], () => commit(change)) // as above
        } else if (next.do === 'sync') commit(put(next.key, { name: `synced ${count++}` }))
        else {
          const [transaction] = pending.splice(next.which % Math.max(1, pending.length), 1)
          if (transaction && next.do === 'settle') settleTransaction(transaction)
          else if (transaction) rollBackTransaction(transaction)
        }
        const shown = [...collection.entries()].map(([id, row]) => [id, row.name]).sort()
        const size = collection.size
        published.length = 0
        computeAll(false)
        expect([...collection.entries()].map(([id, row]) => [id, row.name]).sort()).toEqual(shown)
        expect([size, published]).toEqual([collection.size, []])
        expect([...seen].sort()).toEqual(shown)
      }
    }),
    { seed: 13, numRuns: 300 },
  )
})

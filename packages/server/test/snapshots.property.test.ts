import { isBefore } from '@streamdb/log'
import type { StateEvent } from '@streamdb/state'
import { isChangeEvent, MaterializedState } from '@streamdb/state'
import { canonical, cuts, logOf, logs, oracle } from '@streamdb/testkit'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { compactStream } from '../src/index.ts'
import { kit, readAll, stopKit } from './logs.ts'

afterAll(stopKit)

/** The rows of a log, `type key`, in the order in which they were first inserted since they were last deleted. */
function insertionOrder(log: readonly StateEvent[]): string[] {
  let rows = new Set<string>()
  let snapshot: Set<string> | undefined
  for (const event of log) {
    if (isChangeEvent(event)) {
      const row = JSON.stringify([event.type, event.key])
      if (event.headers.operation === 'delete') (snapshot ?? rows).delete(row)
      else (snapshot ?? rows).add(row)
    } else {
      const { control } = event.headers
      if (control === 'reset') rows = new Set()
      if (control === 'snapshot-end' && snapshot !== undefined) rows = snapshot
      snapshot = control === 'snapshot-start' ? new Set() : undefined
    }
  }
  return [...rows]
}

/** How a log is appended, and after which appends a snapshot is made. */
const histories = logs().chain((log) =>
  fc.record({
    batches: cuts(log).map((batches) => batches.filter((items) => items.length > 0)),
    compactAfter: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
    maxBody: fc.constantFrom(1, 300, 1_000_000),
  }),
)

test('[N4] a snapshot at any checkpoint of any log, and the log behind it, are the fold of all, in order', async () => {
  const streams = await kit()
  await fc.assert(
    fc.asyncProperty(histories, async ({ batches, compactAfter, maxBody }) => {
      const url = await streams.createStream()
      const ends: { readonly offset: string; readonly length: number }[] = []
      let length = 0
      let written = 0
      for (const [index, items] of batches.entries()) {
        const offset = await streams.appendItems(url, items)
        length += items.length
        ends.push({ offset, length })
        if (!compactAfter.includes(index)) continue
        const compaction = await compactStream({ source: url, maxBody, pageRows: 2 })
        if (compaction.type !== 'written') continue
        written++
        const { snapshot } = compaction
        expect(isBefore(offset, snapshot.offset)).toBe(false)
        const until = ends.find((end) => end.offset === snapshot.offset)?.length
        const rows = await logOf(snapshot.url)
        const keys = rows.slice(1, -1).map(({ type, key }) => JSON.stringify([type, key]))
        expect(keys).toEqual(insertionOrder(batches.flat().slice(0, until)))
      }
      const reads = await readAll({ url, snapshots: true })
      // The log bears the snapshot out: it is not read from its beginning.
      expect(reads.filter(({ type }) => type === 'restart')).toEqual([])
      const state = new MaterializedState()
      state.applyBatch(reads.flatMap((read) => (read.type === 'event' ? [read.event] : [])))
      const rows = new Map(state.types.map((type) => [type, state.getType(type)]))
      expect(canonical(rows)).toBe(canonical(oracle(batches.flat())))
      const [first] = reads
      const begins = first?.type === 'event' && first.event.headers['snapshot'] !== undefined
      expect(begins).toBe(written > 0)
    }),
    { numRuns: 60 },
  )
})

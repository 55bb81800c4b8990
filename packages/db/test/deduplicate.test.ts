import type { Batch } from '@streamdb/log'
import { describe, expect, test } from 'vitest'
import { Deduplicator } from '../src/sync/deduplicate.ts'

function batch(items: readonly unknown[], part: Partial<Batch> = {}): Batch {
  return {
    items,
    first: 0,
    from: '10',
    offset: '20',
    complete: true,
    upToDate: false,
    closed: false,
    bytes: 0,
    ...part,
  }
}

function stamped(offset: string): unknown {
  return { type: 'user', key: 'a', headers: { operation: 'upsert', offset } }
}

/** Returns which items of a batch are ingested. */
function ingested(deduplicator: Deduplicator, given: Batch): number[] {
  const indexes: number[] = []
  for (let index = deduplicator.begin(given); index < given.items.length; index++) {
    if (!deduplicator.isRepeat(given.items[index], given)) indexes.push(index)
  }
  deduplicator.end(given, given.items.length)
  return indexes
}

describe('[M6] a response that is delivered again', () => {
  test('goes on behind what was ingested of it', () => {
    const deduplicator = new Deduplicator()
    expect(ingested(deduplicator, batch([1, 2, 3], { complete: false }))).toEqual([0, 1, 2])
    expect(deduplicator.unprocessed(batch([1, 2, 3, 4, 5]))).toEqual([4, 5])
    expect(ingested(deduplicator, batch([1, 2], { complete: false }))).toEqual([])
    expect(ingested(deduplicator, batch([3, 4, 5], { first: 2 }))).toEqual([1, 2])
  })

  test('another response begins anew, the same one after its end too', () => {
    const deduplicator = new Deduplicator()
    expect(ingested(deduplicator, batch([1, 2], { complete: false }))).toEqual([0, 1])
    expect(ingested(deduplicator, batch([1, 2], { from: '11' }))).toEqual([0, 1])
    expect(ingested(deduplicator, batch([1, 2], { from: '11' }))).toEqual([0, 1])
  })

  test('one that was stopped goes on at the item that stopped it', () => {
    const deduplicator = new Deduplicator()
    const given = batch([1, 2, 3])
    deduplicator.begin(given)
    deduplicator.end(given, 1)
    expect(ingested(deduplicator, given)).toEqual([1, 2])
  })

  test('one that was left for another offset can be come back to', () => {
    const deduplicator = new Deduplicator()
    const given = batch([1, 2, 3])
    deduplicator.begin(given)
    deduplicator.end(given, 2)
    const comeBack = deduplicator.leaveResponse()
    expect(ingested(deduplicator, batch([7], { from: '30' }))).toEqual([0])
    comeBack()
    expect(ingested(deduplicator, given)).toEqual([2])
  })
})

describe('[F-mat-4] [F-real-67] offsets in events', () => {
  test.each<[string, readonly unknown[], number[]]>([
    ['every event is stamped: older ones are repeated', ['12', '20', '11', '20'].map(stamped), [0, 1, 3]],
    ['every event is stamped: those of the append before are known', ['10', '20'].map(stamped), [1]],
    ['the events of one append share a stamp', ['20', '20'].map(stamped), [0, 1]],
    ['what is no event has no stamp', [7, null, stamped('20'), stamped('11')], [0, 1, 2]],
    [
      'one event has none: the writer gave the others',
      [stamped('20'), { headers: {} }, stamped('11')],
      [0, 1, 2],
    ],
    ['none says where the response ends', ['12', '11'].map(stamped), [0, 1]],
    ['one lies behind the response', ['20', '21', '11'].map(stamped), [0, 1, 2]],
    ['one is built otherwise', ['20', '011'].map(stamped), [0, 1]],
  ])('%s', (_what, items, indexes) => {
    expect(ingested(new Deduplicator(), batch(items))).toEqual(indexes)
  })

  test('a server that was seen to stamp nothing is not believed later, until another stream is read', () => {
    const deduplicator = new Deduplicator()
    const repeated = batch(['20', '11'].map(stamped))
    ingested(deduplicator, batch([{ headers: {} }], { from: '5', offset: '10' }))
    expect(ingested(deduplicator, repeated)).toEqual([0, 1])
    deduplicator.restart()
    expect(ingested(deduplicator, repeated)).toEqual([0])
  })
})

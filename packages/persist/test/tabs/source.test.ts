import { createRecordedLog } from '@streamdb/log'
import type { Batch, BatchSink, BatchSource, Recorder, StorageConnection } from '@streamdb/log'
import { describeBatchSource, eventually } from '@streamdb/testkit'
import { TabWorld } from '@streamdb/testkit/tabs'
import { expect, onTestFinished } from 'vitest'
import { createMemoryBlocks, createStorage, createStreamStore } from '../../src/index.ts'

const type = 'item'

describeBatchSource(
  'a tab that follows another one',
  async (batches, { live }) => {
    const log = createRecordedLog(batches)
    const world = new TabWorld()
    const store = createStreamStore(createMemoryBlocks())
    const closing = new AbortController()
    onTestFinished(() => closing.abort())
    const connect = (): StorageConnection =>
      createStorage(store, { tabs: { browser: world.openTab().browser } }).connect({
        url: 'http://host/stream',
        types: [type],
        version: 1,
        source: log.createSource({ live }),
        identifier: {
          findId: () => Promise.resolve(undefined),
          anchorOf: () => undefined,
          check: () => Promise.resolve('same'),
        },
        report: () => undefined,
        signal: closing.signal,
      })

    const leading = connect()
    let answer: BatchSink['onBatch'] = () => ({ type: 'continue' })
    leading.source.start(
      undefined,
      recordingSink(leading.recorder, (batch) => answer(batch)),
    )
    await eventually(() => expect(leading.storage.tabs.get().role).toBe('leader'))
    return {
      source: showItems(connect().source),
      append: log.append,
      close: log.close,
      answerThere: (given) => void (answer = given),
    }
  },
  { follows: true },
)

/** Takes what the leader reads, as a database does: each item is a row. */
function recordingSink(recorder: Recorder, answer: BatchSink['onBatch']): BatchSink {
  return {
    onBatch(batch) {
      const after = answer(batch)
      batch.items.forEach((item, index) => {
        if (batch.stored === undefined) recorder.onPut(type, `${batch.from} ${batch.first + index}`, item, 1)
      })
      recorder.onApplied({ offset: after.type === 'seek' ? batch.from : batch.offset }, new Set())
      return after
    },
    onSeekRefused: () => undefined,
    onRestart: (why) => recorder.onRestart(why),
    onConnection: () => undefined,
    ready: () => Promise.resolve(),
  }
}

/** The source, whose stored rows are items again. */
function showItems(source: BatchSource): BatchSource {
  const itemsOf = ({ items, stored }: Batch): readonly unknown[] =>
    stored === undefined ? items : items.map((item) => (item as { readonly value: unknown }).value) // a row of the store
  return {
    ...source,
    start: (from, sink) =>
      source.start(from, {
        onBatch: (batch) => sink.onBatch({ ...batch, items: itemsOf(batch) }),
        onSeekRefused: (offset) => sink.onSeekRefused(offset),
        onRestart: (why) => sink.onRestart(why),
        onConnection: (event) => sink.onConnection(event),
        ready: () => sink.ready(),
      }),
  }
}

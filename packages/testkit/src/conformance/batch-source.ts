import type { Batch, BatchSink, BatchSource, ConnectionEvent, RestartReason } from '@streamdb/log'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '@streamdb/testing'

/** A log that a source delivers, and what can happen to it. */
export interface SourceUnderTest {
  readonly source: BatchSource
  readonly append: (items: readonly unknown[]) => Promise<void> | void
  /** Ends the log: no more will be appended. */
  readonly close: () => Promise<void> | void
  /**
   * Of a source that delivers what another one reads: makes the sink of that one answer alike, as it does wherever both show
   * the same log.
   */
  readonly answerThere?: ((answer: BatchSink['onBatch']) => void) | undefined
}

/** Makes a source of a log that was appended in these batches; `live`: it waits for more. */
export type CreateSource = (
  batches: readonly (readonly unknown[])[],
  options: { readonly live: boolean },
) => Promise<SourceUnderTest> | SourceUnderTest

/** What a sink was told, in order. */
interface Recorded extends BatchSink {
  readonly items: unknown[]
  readonly batches: Batch[]
  readonly connections: ConnectionEvent['type'][]
  readonly restarts: RestartReason[]
  readonly refused: string[]
  /** What becomes of the next batch; takes it in unless told. */
  answer: (batch: Batch) => ReturnType<BatchSink['onBatch']>
  gate: Promise<void>
}

function recordingSink(): Recorded {
  const sink: Recorded = {
    items: [],
    batches: [],
    connections: [],
    restarts: [],
    refused: [],
    answer: () => ({ type: 'continue' }),
    gate: Promise.resolve(),
    onBatch(batch) {
      const after = sink.answer(batch)
      sink.items.push(...batch.items)
      sink.batches.push(batch)
      return after
    },
    onSeekRefused: (offset) => void sink.refused.push(offset),
    onRestart(why) {
      sink.restarts.push(why)
      sink.items.length = 0
    },
    onConnection: ({ type }) => void (type !== 'mode' && sink.connections.push(type)),
    ready: () => sink.gate,
  }
  return sink
}

/**
 * Runs the laws of `BatchSource` on an implementation. `follows`: it delivers what another one reads, which may have read it
 * before: it seeks and restarts with that one.
 */
export function describeBatchSource(
  name: string,
  create: CreateSource,
  { follows = false }: { readonly follows?: boolean } = {},
): void {
  const log = [['a'], ['b', 'c'], ['d']]
  const all = ['a', 'b', 'c', 'd']

  async function open(batches: readonly (readonly unknown[])[] = log, live = true): Promise<SourceUnderTest> {
    const opened = await create(batches, { live })
    onTestFinished(() => opened.source.stop())
    return opened
  }

  describe(`BatchSource: ${name}`, () => {
    test('[M1] delivers everything in log order, and says when that is all', async () => {
      const { source } = await open()
      const sink = recordingSink()
      source.start(undefined, sink)
      await eventually(() => expect(sink.batches.at(-1)?.upToDate).toBe(true))
      expect(sink.items).toEqual(all)
      expect(sink.connections).toEqual(['start'])
      const offsets = sink.batches.filter(({ complete }) => complete)
      for (const [index, batch] of offsets.entries()) {
        if (index > 0) expect(batch.from).toBe(offsets[index - 1]?.offset)
      }
    })

    test('[L4] what is appended later arrives once', async () => {
      const { source, append } = await open()
      const sink = recordingSink()
      source.start(undefined, sink)
      await eventually(() => expect(sink.items).toEqual(all))
      await append(['e'])
      await append(['f'])
      await eventually(() => expect(sink.items).toEqual([...all, 'e', 'f']))
    })

    test('an empty log is up to date', async () => {
      const { source } = await open([])
      const sink = recordingSink()
      source.start(undefined, sink)
      await eventually(() => expect(sink.batches.at(-1)?.upToDate).toBe(true))
      expect(sink.items).toEqual([])
    })

    test('starts at a checkpoint', async () => {
      const { source, append } = await open([['a']])
      const first = recordingSink()
      source.start(undefined, first)
      await eventually(() => expect(first.batches.at(-1)?.upToDate).toBe(true))
      const offset = first.batches.at(-1)?.offset ?? ''
      source.stop()
      await append(['b'])
      const second = recordingSink()
      source.start({ offset }, second)
      await eventually(() => expect(second.items).toEqual(['b']))
    })

    test('[L1] stopped, it delivers nothing; started again, it goes on where it stopped', async () => {
      const { source, append } = await open()
      const sink = recordingSink()
      source.start(undefined, sink)
      await eventually(() => expect(sink.items).toEqual(all))
      source.stop()
      source.stop()
      await append(['e'])
      expect(sink.items).toEqual(all)
      source.start(undefined, sink)
      source.start(undefined, sink)
      await eventually(() => expect(sink.items).toEqual([...all, 'e']))
      expect(sink.connections).toEqual(['start', 'start'])
    })

    test.runIf(follows)(
      'a restart voids what was delivered, and what the other has read follows',
      async () => {
        const { source } = await open()
        const sink = recordingSink()
        source.restart('requested')
        expect(sink.restarts).toEqual([])
        source.start(undefined, sink)
        await eventually(() => expect(sink.items).toEqual(all))
        source.restart('collection-cleaned-up')
        expect([sink.restarts, sink.items]).toEqual([['read-elsewhere'], []])
        await eventually(() => expect(sink.items).toEqual(all))
        await eventually(() => expect(sink.batches.at(-1)?.upToDate).toBe(true))
      },
    )

    test.skipIf(follows)('a restart voids what was delivered, and everything follows again', async () => {
      const { source } = await open()
      const sink = recordingSink()
      source.restart('requested')
      expect(sink.restarts).toEqual([])
      source.start(undefined, sink)
      await eventually(() => expect(sink.items).toEqual(all))
      source.restart('collection-cleaned-up')
      expect([sink.restarts, sink.items]).toEqual([['collection-cleaned-up'], []])
      await eventually(() => expect(sink.items).toEqual(all))
    })

    test('[F-life-2] a sink may stop it in the middle of a batch', async () => {
      const { source } = await open()
      const sink = recordingSink()
      sink.answer = () => {
        source.stop()
        return { type: 'continue' }
      }
      source.start(undefined, sink)
      await eventually(() => expect(sink.batches.length).toBe(1))
      await new Promise(setImmediate)
      expect(sink.batches).toHaveLength(1)
    })

    test('[L3] what a sink throws is a failure; started again, the batch comes again', async () => {
      const { source } = await open([['a']])
      const sink = recordingSink()
      sink.answer = () => {
        throw new TypeError('mistake')
      }
      source.start(undefined, sink)
      await eventually(() => expect(sink.connections).toEqual(['start', 'fail']))
      sink.answer = () => ({ type: 'continue' })
      source.start(undefined, sink)
      await eventually(() => expect(sink.items).toEqual(['a']))
    })

    test('waits for a sink that is not ready', async () => {
      const { source, append } = await open([['a']])
      const sink = recordingSink()
      let open_ = (): void => undefined
      sink.gate = new Promise((resolve) => (open_ = resolve))
      source.start(undefined, sink)
      await eventually(() => expect(sink.items).toEqual(['a']))
      await append(['b'])
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(sink.items).toEqual(['a'])
      open_()
      await eventually(() => expect(sink.items).toEqual(['a', 'b']))
    })

    test.runIf(follows)('[M4] seeks where the other one does, forward', async () => {
      const { source, append, answerThere } = await open([['a'], ['b']])
      const sink = recordingSink()
      source.start(undefined, sink)
      await eventually(() => expect(sink.batches.at(-1)?.upToDate).toBe(true))
      const last = sink.batches.at(-1)?.offset ?? ''
      const target = String(Number(last) + 2) // a recording counts its batches
      const answer: BatchSink['onBatch'] = ({ items }) =>
        items.includes('c') ? { type: 'seek', offset: target } : { type: 'continue' }
      sink.answer = answer
      answerThere?.(answer)
      // Together: what is passed over is there when it is.
      await Promise.all(['c', 'd', 'e'].map(async (item) => append([item])))
      await eventually(() => expect(sink.items).toEqual(['a', 'b', 'c', 'e']))
      expect(sink.refused).toEqual([])
    })

    test.skipIf(follows)('[M4] seeks to where it is told, forward', async () => {
      const { source, append } = await open([['a'], ['b']])
      const first = recordingSink()
      source.start(undefined, first)
      await eventually(() => expect(first.batches.at(-1)?.upToDate).toBe(true))
      const offset = first.batches.at(-1)?.offset ?? ''
      source.stop()
      await append(['c'])
      const sink = recordingSink()
      sink.answer = () => (sink.batches.length > 0 ? { type: 'continue' } : { type: 'seek', offset })
      source.start({ offset: '-1' }, sink)
      await eventually(() => expect(sink.batches.slice(1).flatMap(({ items }) => items)).toEqual(['c']))
      expect(sink.refused).toEqual([])
    })

    test.each(['../..', '0', '-2', '\u0000', 'now', '', '99999999999999999999'])(
      '[F-real-68] an offset that is none, %j, is refused, and the batch comes again',
      async (offset) => {
        const { source, append, answerThere } = await open(follows ? [] : [['a', 'b']])
        const sink = recordingSink()
        const seekOnce = (): BatchSink['onBatch'] => {
          let sought = false
          return ({ items }) => {
            if (sought || items.length === 0) return { type: 'continue' }
            sought = true
            return { type: 'seek', offset }
          }
        }
        sink.answer = seekOnce()
        answerThere?.(seekOnce())
        source.start(undefined, sink)
        if (follows) {
          await eventually(() => expect(sink.batches.at(-1)?.upToDate).toBe(true))
          await append(['a', 'b'])
        }
        await eventually(() => expect(sink.items).toEqual(['a', 'b', 'a', 'b']))
        // Where the server's offsets are decimal numbers (Ursula), "0" is the beginning.
        const mayBeOne = offset === '0' && process.env['STREAMDB_SERVER_FLAT'] === '1'
        expect(mayBeOne ? [offset] : sink.refused).toEqual([offset])
      },
    )

    test.each([true, false])('a log that is closed, or not followed (live: %s), ends', async (live) => {
      const { source, close } = await open(log, live)
      const sink = recordingSink()
      source.start(undefined, sink)
      await eventually(() => expect(sink.items).toEqual(all))
      await close()
      await eventually(() => expect(sink.connections).toEqual(['start', 'end']))
    })
  })
}

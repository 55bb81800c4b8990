import { delay, linkSignals, Listeners, StreamDBError, toStreamDBError } from '@streamdb/log'
import { createCompaction } from './compact-stream.ts'
import type { Compaction, CompactOptions } from './compact-stream.ts'

/** What a compactor does, and how often. */
export interface CompactorOptions extends CompactOptions {
  /** How many milliseconds lie between the end of a run and the next one. Default 60,000. */
  readonly every?: number | undefined
  /** A snapshot is made where so many events were appended since the last one. Default 1,000. */
  readonly minEvents?: number | undefined
  /** Told of each run. What a callback throws is thrown in a task of its own, and the compactor goes on. */
  readonly onCompact?: ((compaction: Compaction) => void) | undefined
  /** Told of each run that failed, and of each old snapshot that could not be deleted; the next run tries it again. */
  readonly onError?: ((error: StreamDBError) => void) | undefined
}

/** Compacts a log again and again. */
export interface Compactor {
  /** Runs at once, or joins the run that is under way. Rejects where it fails. */
  run(): Promise<Compaction>
  /** Ends it, in the middle of a run too. Resolves when nothing runs any more. */
  close(): Promise<void>
}

/**
 * Starts to compact a log: at once, and then again and again. Between the runs the rows are kept, so that a run reads
 * what was appended since the last one.
 *
 * @example
 * ```ts
 * const compactor = createCompactor({ source: url, every: 60_000, minEvents: 1_000, keep: 2 })
 * await compactor.close()
 * ```
 */
export function createCompactor(options: CompactorOptions): Compactor {
  const { every = 60_000, minEvents = 1_000, onCompact, onError, signal: given } = options
  if (!(every >= 0))
    throw new StreamDBError('invalid-options', `every: expected milliseconds, received ${every}`)
  const compact = createCompaction({ ...options, minEvents })
  const closing = new AbortController()
  const { signal, unlink } = linkSignals([given, closing.signal])
  let running: Promise<Compaction> | undefined
  const compactions = new Listeners<Compaction>()
  const errors = new Listeners<StreamDBError>()
  if (onCompact) compactions.subscribe(onCompact)
  if (onError) errors.subscribe(onError)

  function run(): Promise<Compaction> {
    return (running ??= compact(signal).finally(() => (running = undefined)))
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      try {
        const compaction = await run()
        compactions.notify(compaction)
        for (const error of compaction.failed) errors.notify(error)
      } catch (error) {
        if (!signal.aborted) errors.notify(toStreamDBError(error, 'stream-failed', 'Compacting failed'))
      }
      await delay(every, signal)
    }
  }

  const ended = loop()
  return {
    run,
    async close() {
      closing.abort(new StreamDBError('closed', 'The compactor was closed'))
      await running?.catch(() => undefined)
      await ended
      unlink()
    },
  }
}

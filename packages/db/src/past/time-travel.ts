import { withLinkedSignal } from '@streamdb/log'
import type { BatchSource, HistoryPoint } from '@streamdb/log'
import type { StateDefinition } from '@streamdb/state'
import type { ComparableBranch } from '../branches/comparable-branch.ts'
import type { ForkOptions, MergeOptions, MergeResult } from '../branches/types.ts'
import type { ResolvedOptions } from '../options/resolve.ts'
import type { CreateStreamDBOptions } from '../options/types.ts'
import type { Branch, PastStreamDB, StreamDB } from '../stream-db.ts'
import type { ActionDefinitions } from '../writes/actions.ts'
import { assertNotPast, createPast, pastOptions } from './create-past.ts'
import type { PastReading } from './open-history.ts'

/** What other times and branches of a database are made of. */
export interface TimeTravelOptions<Definitions extends StateDefinition, Actions extends ActionDefinitions> {
  readonly given: CreateStreamDBOptions<Definitions, Actions>
  readonly resolved: ResolvedOptions<Definitions, Actions>
  readonly create: (
    options: CreateStreamDBOptions<Definitions, Actions>,
    past?: BatchSource,
  ) => StreamDB<Definitions, Actions>
  /** The database is one of the past. */
  readonly isPast: boolean
  /** Aborts when the database closes. */
  readonly signal: AbortSignal
}

/** Opens the past of a database, and its branches. Their code is loaded on demand. */
export class TimeTravel<Definitions extends StateDefinition, Actions extends ActionDefinitions> {
  readonly #options: TimeTravelOptions<Definitions, Actions>

  constructor(options: TimeTravelOptions<Definitions, Actions>) {
    this.#options = options
  }

  at(db: StreamDB<Definitions, Actions>, point: HistoryPoint): PastStreamDB<Definitions, Actions> {
    const { given, create } = this.#options
    return createPast(
      point,
      async (onConnection) => {
        const { baseOf, openStreamHistory } = await import('./open-history.ts')
        return openStreamHistory(this.#reading, { onConnection, base: baseOf(db, point) })
      },
      (source) => create(pastOptions(given), source),
    )
  }

  fork(db: StreamDB<Definitions, Actions>, options: ForkOptions): Promise<Branch<Definitions, Actions>> {
    const { given, create } = this.#options
    const reading = this.#reading
    return this.#run(options.signal, async (signal) => {
      const { branchOptions, discardBranch, forkDatabase } = await import('../branches/branching.ts')
      const forked = await forkDatabase({ db, reading }, options, signal)
      const branch = create(branchOptions(given, reading, forked))
      const opened = Object.assign(branch, {
        forkedFrom: forked.forkedFrom,
        async discard() {
          branch.close()
          await discardBranch(reading, forked.url, new AbortController().signal)
        },
      })
      try {
        await opened.preload({ signal })
      } catch (error) {
        opened.close()
        throw error
      }
      return opened
    })
  }

  diff(
    db: StreamDB<Definitions, Actions>,
    branch: ComparableBranch,
    options: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly never[]> {
    return this.#run(options.signal, async (signal) => {
      const { diffBranch } = await import('../branches/branching.ts')
      const differences: readonly unknown[] = await diffBranch({ db, reading: this.#reading }, branch, signal)
      return differences as readonly never[] // typed by its caller
    })
  }

  async merge(
    db: StreamDB<Definitions, Actions>,
    branch: ComparableBranch,
    options: MergeOptions<never>,
  ): Promise<MergeResult<never>> {
    if (this.#options.isPast) assertNotPast()
    return this.#run(options.signal, async (signal) => {
      const { mergeInto } = await import('../branches/branching.ts')
      const given = options as MergeOptions<StateDefinition> // of the database's own definitions, as is the result
      const result: unknown = await mergeInto({ db, reading: this.#reading }, branch, given, signal)
      return result as MergeResult<never>
    })
  }

  get #reading(): PastReading {
    const { options, ...resolved } = this.#options.resolved
    const { state, stream, streamOptions, snapshots } = options
    return { ...resolved, options: { state, stream, streamOptions, snapshots } }
  }

  /** Runs `work` with a signal that aborts with `given`, and when the database closes. */
  #run<Result>(
    given: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    return withLinkedSignal([given, this.#options.signal], (signal) => {
      signal.throwIfAborted()
      return work(signal)
    })
  }
}

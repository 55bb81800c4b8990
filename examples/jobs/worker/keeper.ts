import { delay, readState } from '@streamdb/log'
import { createCompactor } from '@streamdb/server'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { state } from '../src/state.ts'
import type { Job, WorkerRow } from '../src/state.ts'
import { Board } from './board.ts'
import { decide } from './decide.ts'
import type { Decision } from './decide.ts'
import { Fenced, FencedWriter, openSender } from './fenced-writer.ts'
import type { StreamAccess } from './fenced-writer.ts'

export interface KeeperOptions extends StreamAccess {
  /** Milliseconds after which a silent worker has lost its lease. */
  readonly lease: number
  /** So many finished jobs are kept. */
  readonly keep: number
  /** The folder for what jobs write. */
  readonly output: string
  /** A snapshot is made where so many events were appended since the last one. */
  readonly minEvents: number
  readonly signal: AbortSignal
}

/** A job whose worker was lost so often has failed: it may be the job that kills them. */
const maxLost = 3

/** Keeps the stream in order until `signal` aborts: ends leases of silent workers, does what users ask for, compacts. */
export async function runKeeper(options: KeeperOptions): Promise<void> {
  const { url, fetch, lease, minEvents, signal } = options
  const keeper = new Keeper(options)
  const compactor = createCompactor({
    source: { url, fetch },
    every: 5_000,
    minEvents,
    keep: 1,
    grace: 60_000,
    signal,
  })
  void watchLeases(keeper, lease, signal)
  try {
    for await (const read of readState({ url, fetch, state, live: 'sse', snapshots: true, signal })) {
      keeper.hear(keeper.board.apply(read))
      if (read.type === 'checkpoint' && read.upToDate) keeper.act()
    }
  } finally {
    await compactor.close()
  }
}

async function watchLeases(keeper: Keeper, lease: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(Math.max(50, lease / 5), signal)
    keeper.act()
  }
}

class Keeper {
  readonly board = new Board()
  readonly #options: KeeperOptions
  readonly #sender
  /** When each lease was heard of last, by this process's own clock: those of workers may differ. */
  readonly #heard = new Map<string, number>()
  /** The epochs that were begun, by producer: what was decided is not decided again before it is read back. */
  readonly #begun = new Map<string, number>()

  constructor(options: KeeperOptions) {
    this.#options = options
    this.#sender = openSender(options, options.signal)
  }

  /** Notes a sign of life: a row that only the holder of a lease writes. */
  hear(row: Job | WorkerRow | undefined): void {
    if (row === undefined || row.fence === undefined) return
    const job = 'kind' in row ? row.id : row.job
    if (job !== undefined) this.#heard.set(`${job}/${row.fence}`, performance.now())
  }

  act(): void {
    const { keep, lease, signal } = this.#options
    if (signal.aborted) return
    const isAlive = ({ id, fence }: Job): boolean => {
      const heard = this.#heard.get(`${id}/${fence}`) ?? -Infinity
      return performance.now() - heard < lease
    }
    for (const decision of decide(this.board, { now: Date.now(), isAlive, keep, maxLost })) {
      if ((this.#begun.get(decision.producer) ?? -1) >= decision.epoch) continue
      this.#begun.set(decision.producer, decision.epoch)
      void this.#carryOut(decision)
    }
  }

  async #carryOut({ producer, epoch, events }: Decision): Promise<void> {
    const removed = events.find(({ type, headers }) => type === 'job' && headers.operation === 'delete')?.key
    const output = removed === undefined ? undefined : this.board.job(removed)?.output
    const writer = new FencedWriter(this.#sender, { id: producer, epoch }, this.#options.signal)
    try {
      await writer.append(events)
    } catch (error) {
      // Fenced: a worker or another keeper was faster, and the log says with what. Anything else is tried again.
      if (!(error instanceof Fenced)) this.#begun.delete(producer)
      return
    }
    if (removed === undefined) return
    for (const key of this.#heard.keys()) if (key.startsWith(`${removed}/`)) this.#heard.delete(key)
    if (output !== undefined) await rm(join(this.#options.output, output), { force: true })
  }
}

import { createHttpSender, delay, openStream } from '@streamdb/log'
import type { CreateStreamDBOptions } from '@streamdb/db'
import type { Presence } from './presence.ts'
import type { Run } from './rows.ts'
import { isActive } from './run-states.ts'
import { RunWriter } from './run-writer.ts'
import type { SessionDB } from './session-db.ts'
import { sessionState } from './session-state.ts'

/** What is watched, and by what. */
export interface RunWatchOptions {
  readonly db: SessionDB
  readonly presence: Pick<Presence, 'isDead'>
  readonly streamOptions: NonNullable<CreateStreamDBOptions['streamOptions']>
  readonly signal: AbortSignal
}

/** How often runs that are going on are looked at, in milliseconds. */
const interval = 500

/**
 * Interrupts runs whose holder is dead, under the next epoch, so that no run streams for ever (SPEC A9). Every open session
 * does: of those that do it at once, the server takes one.
 */
export function watchRuns({ db, presence, streamOptions, signal }: RunWatchOptions): void {
  const { runs } = db.collections
  const sender = createHttpSender({ ...openStream(streamOptions), signal })
  let isWatching = false

  async function watch(): Promise<void> {
    if (isWatching) return
    isWatching = true
    while (!signal.aborted && db.status.name !== 'failed') {
      const active = [...runs.values()].filter(isActive)
      if (active.length === 0) break
      for (const run of active)
        if (run.holder !== undefined && (await presence.isDead(run.holder))) await interrupt(run)
      await delay(interval, signal)
    }
    isWatching = false
  }

  async function interrupt(run: Run): Promise<void> {
    const current = runs.get(run.id)
    // Its holder may have ended it, or another have taken it over, since it was looked at.
    if (signal.aborted || current === undefined || current.epoch !== run.epoch || !isActive(current)) return
    const epoch = run.epoch + 1
    const writer = new RunWriter(sender, { run: run.id, epoch })
    const interrupted: Run = { ...rowOf(current), status: 'interrupted', epoch, code: 'holder-gone' }
    try {
      await writer.append([sessionState.runs.update({ value: interrupted })])
    } catch {
      // Somebody was faster, or the network is gone: it is looked at again.
    }
  }

  const subscription = runs.subscribeChanges(() => void watch(), { includeInitialState: true })
  signal.addEventListener('abort', () => subscription.unsubscribe())
}

/** Returns a run without the fields that collections add to rows. */
export function rowOf(run: Run): Run {
  // The same fields but for TanStack's.
  return Object.fromEntries(Object.entries(run).filter(([name]) => !name.startsWith('$'))) as unknown as Run
}

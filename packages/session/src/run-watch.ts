import { createHttpSender, delay, openStream } from '@streamdb/log'
import type { CreateStreamDBOptions } from '@streamdb/db'
import type { PartTexts } from './part-texts.ts'
import { plainRow } from './plain-row.ts'
import type { Presence } from './presence.ts'
import type { Run } from './rows.ts'
import { isActive } from './run-states.ts'
import { RunWriter } from './run-writer.ts'
import type { SessionDB } from './session-db.ts'
import { sessionState } from './session-state.ts'
import { deltaKeysOf, sweepEvents } from './sweep.ts'

/** What is watched, and by what. */
export interface RunWatchOptions {
  readonly db: SessionDB
  readonly texts: PartTexts
  readonly leases: Pick<Presence, 'isDead'>
  readonly streamOptions: NonNullable<CreateStreamDBOptions['streamOptions']>
  readonly signal: AbortSignal
}

/** How often runs that are going on are looked at, in milliseconds. */
const interval = 500

/**
 * Interrupts runs whose holder is dead, under the next epoch, so that no run streams for ever (SPEC A9). Every open session
 * does: of those that do it at once, the server takes one.
 */
export function watchRuns({ db, texts, leases, streamOptions, signal }: RunWatchOptions): void {
  const { runs } = db.collections
  const sender = createHttpSender({ ...openStream(streamOptions), signal })
  /** By run and epoch, when it was first seen to be held. */
  const seen = new Map<string, number>()
  let isWatching = false

  async function watch(): Promise<void> {
    if (isWatching) return
    isWatching = true
    while (!signal.aborted && db.status.name !== 'failed') {
      const active = [...runs.values()].filter(isActive)
      if (active.length === 0) break
      for (const run of active) {
        const { id, epoch, holder } = run
        const since = seen.get(`${id}:${epoch}`) ?? performance.now()
        seen.set(`${id}:${epoch}`, since)
        if (holder !== undefined && (await leases.isDead(holder, since))) await interrupt(run)
      }
      await delay(interval, signal)
    }
    seen.clear()
    isWatching = false
  }

  async function interrupt(run: Run): Promise<void> {
    const current = runs.get(run.id)
    // Its holder may have ended it, or another have taken it over, since it was looked at.
    if (signal.aborted || current === undefined || current.epoch !== run.epoch || !isActive(current)) return
    const epoch = run.epoch + 1
    const writer = new RunWriter(sender, { run: run.id, epoch })
    const cut = [...db.collections.parts.values()].filter(
      ({ message, state }) => message === run.message && state === 'streaming',
    )
    const interrupted: Run = { ...plainRow(current), status: 'interrupted', epoch, code: 'holder-gone' }
    try {
      await writer.append([
        ...cut.map((part) =>
          sessionState.parts.update({
            value: { ...plainRow(part), state: 'interrupted', text: texts.get(part.id) },
          }),
        ),
        sessionState.runs.update({ value: interrupted }),
      ])
      for (const events of sweepEvents(deltaKeysOf(db, new Set(cut.map(({ id }) => id)))))
        await writer.append(events)
    } catch {
      // Somebody was faster, or the network is gone: it is looked at again.
    }
  }

  const subscription = runs.subscribeChanges(() => void watch(), { includeInitialState: true })
  signal.addEventListener('abort', () => subscription.unsubscribe())
}

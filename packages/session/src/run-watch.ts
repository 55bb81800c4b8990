import { createHttpSender, delay, openStream, randomId, withLinkedSignal } from '@streamdb/log'
import type { MessageSender } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'
import type { CreateStreamDBOptions } from '@streamdb/db'
import type { PartTexts } from './part-texts.ts'
import { plainRow } from './plain-row.ts'
import type { Presence } from './presence.ts'
import type { Run } from './rows.ts'
import { isActive, isOver } from './run-states.ts'
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

/** Until when a run is left alone at most that could not be interrupted, in milliseconds: a viewer may not, for example. */
const longestPause = 30_000

/**
 * Interrupts runs whose holder is dead, under the next epoch, so that no run streams for ever (SPEC A9). Every open session
 * does: of those that do it at once, the server takes one.
 */
export function watchRuns({ db, texts, leases, streamOptions, signal }: RunWatchOptions): void {
  const { runs } = db.collections
  const sender = createHttpSender({ ...openStream(streamOptions), signal })
  /** By run and epoch, when it was first seen to be held. */
  const seen = new Map<string, number>()
  const usedUp: InterruptOptions['usedUp'] = new Map()
  /** By run and epoch, where it failed. */
  const paused = new Map<string, { readonly ms: number; readonly until: number }>()
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
        const { ms = interval, until = 0 } = paused.get(`${id}:${epoch}`) ?? {}
        if (holder === undefined || performance.now() < until || !(await leases.isDead(holder, since)))
          continue
        if (await interruptRun(run, { db, texts, sender, signal, usedUp })) continue
        const longer = Math.min(2 * ms, longestPause)
        paused.set(`${id}:${epoch}`, { ms: longer, until: performance.now() + ms })
      }
      await delay(interval, signal)
    }
    seen.clear()
    paused.clear()
    usedUp.clear()
    isWatching = false
  }

  const subscription = runs.subscribeChanges(() => void watch(), { includeInitialState: true })
  signal.addEventListener('abort', () => subscription.unsubscribe())
}

/** What a run is interrupted by. */
export interface InterruptOptions extends Pick<RunWatchOptions, 'db' | 'signal'> {
  readonly texts: Pick<PartTexts, 'get'>
  readonly sender: MessageSender
  /** By run, an epoch that somebody has used up, perhaps without a row that says so. */
  readonly usedUp: Map<string, number>
}

/**
 * Writes that a run has no holder any more. First its holder is fenced by the next epoch, with an event that changes nothing; what
 * the log has before that is read, as the run may have ended meanwhile; then its rows are written. Resolves with whether that is to be
 * said no more; not where the server refuses it, or somebody else was faster.
 */
export async function interruptRun(run: Run, options: InterruptOptions): Promise<boolean> {
  const { db, texts, sender, signal, usedUp } = options
  const epoch = Math.max(run.epoch, usedUp.get(run.id) ?? 0) + 1
  const writer = new RunWriter(sender, { run: run.id, epoch })
  try {
    const txid = randomId()
    await writer.append([fence(run, txid)])
    usedUp.set(run.id, epoch)
    // The server answers a duplicate, of somebody else's fence too, as a success: the log says whose it is.
    await whenSeen(txid, run, { db, signal, epoch })
    const current = db.collections.runs.get(run.id)
    if (current === undefined || isOver(current) || current.epoch >= epoch) return true
    const cut = [...db.collections.parts.values()].filter(
      ({ message, state }) => message === run.message && state === 'streaming',
    )
    // One that was handed over meanwhile is that.
    const why = isActive(current) ? ({ status: 'interrupted', code: 'holder-gone' } as const) : {}
    await writer.append([
      ...cut.map((part) =>
        sessionState.parts.update({
          value: { ...plainRow(part), state: 'interrupted', text: texts.get(part.id) },
        }),
      ),
      sessionState.runs.update({ value: { ...plainRow(current), ...why, epoch } }),
    ])
    for (const events of sweepEvents(deltaKeysOf(db, new Set(cut.map(({ id }) => id)))))
      await writer.append(events)
    return true
  } catch {
    // Somebody was faster, or the network is gone: it is looked at again.
    return false
  }
}

/** Resolves when a transaction was read; rejects after a while, and when somebody else has written the run's row meanwhile. */
async function whenSeen(
  txid: string,
  { id }: Run,
  { db, signal, epoch }: Pick<RunWatchOptions, 'db' | 'signal'> & { readonly epoch: number },
): Promise<void> {
  const { runs } = db.collections
  const overtaken = new AbortController()
  const subscription = runs.subscribeChanges(() => {
    const run = runs.get(id)
    if (run === undefined || isOver(run) || run.epoch >= epoch) overtaken.abort()
  })
  try {
    await withLinkedSignal([signal, overtaken.signal], (linked) =>
      db.utils.awaitTxId(txid, { signal: linked }),
    )
  } finally {
    subscription.unsubscribe()
  }
}

/** To delete what is not there does nothing. */
function fence({ id }: Run, txid: string): ChangeEvent {
  return { type: 'delta', key: `${id}:fence`, headers: { operation: 'delete', txid } }
}

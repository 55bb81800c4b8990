import { deferred } from '@streamdb/log'
import type { AgentWorker } from '../agent-worker.ts'
import { isOver } from '../run-states.ts'
import type { Session } from '../session.ts'

/**
 * Resolves when an agent has answered all that the session asks of it, runs that other processes hold among them, with the
 * offset until which it has; with nothing when the signal aborts before.
 */
export async function whenIdle(
  { db, collections }: Pick<Session, 'db' | 'collections'>,
  worker: AgentWorker,
  signal: AbortSignal,
): Promise<string | undefined> {
  let changed = deferred()
  const stop = db.observe({ onChanges: () => changed.resolve() })
  const onAbort = (): void => changed.resolve()
  signal.addEventListener('abort', onAbort)
  try {
    while (!signal.aborted && db.status.name !== 'closed') {
      const { waiting, underWay } = worker.backlog
      const isIdle =
        waiting + underWay.length === 0 &&
        [...collections.runs.values()].every((run) => run.agent !== worker.name || isOver(run))
      // What was found in the log was found until here.
      if (isIdle) return db.checkpoint.offset
      changed = deferred()
      await Promise.race([changed.promise, ...underWay])
    }
    return undefined
  } finally {
    stop()
    signal.removeEventListener('abort', onAbort)
  }
}

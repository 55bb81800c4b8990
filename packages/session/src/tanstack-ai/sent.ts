import type { Run } from '../rows.ts'
import { isOver } from '../run-states.ts'
import type { Session } from '../session.ts'
import { adapterName } from './chunk.ts'
import type { Conversation } from './conversation.ts'
import { baseRunId } from './interrupts.ts'
import { asRecord } from './segment.ts'

/** What a client has sent, and is to be answered by a run. */
export interface Sent {
  /** The rows that the run answers; or the run itself. */
  readonly triggers: readonly string[]
  readonly run?: string | undefined
}

/** Returns the run that answers what was sent, once there is one. */
export function runOf(
  session: Pick<Session, 'run' | 'collections'>,
  { triggers, run }: Sent,
): Run | undefined {
  if (run !== undefined) return session.run(run)
  if (triggers.length === 0) return undefined
  const runs = [...session.collections.runs.values()]
  return runs.find((each) => each.triggers.some((id) => triggers.includes(id)))
}

/** Finds a run by its id, or by that which a client has given it when it sent what the run answers. */
export function findRun(
  session: Pick<Session, 'run' | 'collections' | 'message'>,
  runId: string,
): Run | undefined {
  const run = session.run(baseRunId(runId))
  if (run !== undefined) return run
  const isNamed = (id: string): boolean => {
    const metadata = asRecord(session.message(id)?.message.metadata)
    return asRecord(metadata?.[adapterName])?.['runId'] === runId
  }
  return [...session.collections.runs.values()].find(({ triggers }) => triggers.some(isNamed))
}

/** Cancels the run that answers what was sent, now or as soon as there is one. */
export async function cancelAnswer(conversation: Conversation, sent: Sent, timeout: number): Promise<void> {
  const { session } = conversation
  const run = await whenAnswered(conversation, sent, timeout)
  if (run !== undefined && !isOver(run)) await session.cancel(run)
}

/** Resolves with the run that answers what was sent; with nothing where there is none for a while. */
export async function whenAnswered(
  conversation: Conversation,
  sent: Sent,
  timeout: number,
): Promise<Run | undefined> {
  const stop = conversation.watch()
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), timeout)
  try {
    for (;;) {
      const { version } = conversation
      const run = runOf(conversation.session, sent)
      if (run !== undefined || waiting.signal.aborted) return run
      await conversation.changed(version, waiting.signal)
    }
  } finally {
    clearTimeout(timer)
    stop()
  }
}

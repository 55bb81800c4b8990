import { deferred } from '@streamdb/log'
import type { MessageSender } from '@streamdb/log'
import type { ChangeEvent } from '@streamdb/state'
import { mainBranch } from './branches.ts'
import { SessionError } from './errors.ts'
import { HeldRun } from './held-run.ts'
import { messageEvents } from './queued-message.ts'
import { plainRow } from './plain-row.ts'
import type { Redact } from './redaction.ts'
import { redactEvents } from './redaction.ts'
import type { Message, Run } from './rows.ts'
import { countedAttempts } from './run-states.ts'
import { RunWriter } from './run-writer.ts'
import type { SessionDB } from './session-db.ts'
import { sessionState } from './session-state.ts'
import { runIdOf } from './work.ts'
import type { Work } from './work.ts'

/** What claiming works with. */
export interface ClaimContext {
  readonly db: SessionDB
  readonly sender: MessageSender
  readonly agent: string
  /** Names this process. */
  readonly holder: string
  readonly redact: Redact | undefined
  readonly signal: AbortSignal
  /** By run, an epoch that somebody has used up without a row that says so. */
  readonly usedUp: Map<string, number>
}

/** How long a row is waited for that another process has written, in milliseconds. */
const patience = 10_000

/** What is claimed: work that nobody has begun, with all that its run is to answer, or a run that was interrupted. */
export type Claim =
  | {
      readonly type: 'new'
      readonly works: readonly [Work, ...Work[]]
      readonly status?: 'skipped' | undefined
    }
  | { readonly type: 'taken-over'; readonly run: Run; readonly status?: 'failed' | undefined }

/**
 * Claims a run: appends its row under the next epoch, and resolves with it when the log says that it is this process's;
 * with nothing where another was faster. Of several that claim one epoch the server stores one (SPEC A9). Rejects where the server,
 * or a hook, refuses it.
 */
export async function claim(what: Claim, context: ClaimContext): Promise<HeldRun | undefined> {
  const { db, sender, redact, signal } = context
  const row = what.type === 'new' ? newRun(what.works, what.status, context) : nextAttempt(what, context)
  const writer = new RunWriter(sender, { run: row.id, epoch: row.epoch })
  const held = new HeldRun(db, writer, row, redact)
  const events: ChangeEvent[] = []
  if (what.type === 'new') for (const work of what.works) events.push(...eventsOfWork(work, context))
  if (what.status === undefined) {
    if (what.type === 'taken-over') events.push(...held.removeEarlier())
    if (!db.collections.messages.has(row.message))
      events.push(sessionState.messages.insert({ value: answerOf(row) }))
  }
  // Behind its message: whoever reads from that on reads its run.
  events.push(sessionState.runs.upsert({ value: row }))
  const visible = whenEpoch(row, context)
  let timer: ReturnType<typeof setTimeout> | undefined
  try {
    const { isDuplicate } = await writer.append(redactEvents(redact, events))
    // Whoever has fenced the last holder by this epoch may have died before it said so.
    if (isDuplicate) timer = setTimeout(() => visible.cancel(), patience)
  } catch (error) {
    visible.cancel()
    // Another process was faster, or the session was closed.
    if (error instanceof SessionError && error.code === 'lease-lost') return undefined
    if (signal.aborted) return undefined
    throw error
  }
  // The server answers a duplicate, of another process's claim too, as a success: the log says whose it is.
  const seen = await visible.promise
  clearTimeout(timer)
  if (seen === undefined) context.usedUp.set(row.id, row.epoch)
  return seen?.epoch === row.epoch && seen.holder === row.holder ? held : undefined
}

function newRun(
  works: readonly [Work, ...Work[]],
  status: Run['status'] = 'running',
  { agent, holder }: ClaimContext,
): Run {
  const [first] = works
  const id = runIdOf(agent, first)
  return {
    ...{ id, agent, status, triggers: works.map((work) => work.id), message: id },
    ...(first.branch === mainBranch ? {} : { branch: first.branch }),
    ...{ attempt: 1, epoch: 0, holder, depth: Math.max(...works.map(({ depth }) => depth)) },
    startedAt: new Date().toISOString(),
  }
}

function nextAttempt(what: Extract<Claim, { type: 'taken-over' }>, { holder, usedUp }: ClaimContext): Run {
  const { code: _code, reason: _reason, ...run } = plainRow(what.run)
  const next = { ...run, epoch: Math.max(run.epoch, usedUp.get(run.id) ?? 0) + 1, holder }
  if (what.status === undefined) return { ...next, status: 'running', attempt: run.attempt + 1 }
  const reason = `It was tried ${countedAttempts(run)} times`
  return { ...next, status: what.status, code: 'budget-spent', reason, endedAt: new Date().toISOString() }
}

function answerOf({ id, agent, branch, message }: Run): Message {
  return {
    ...{ id: message, role: 'assistant', author: agent, run: id },
    ...(branch === undefined ? {} : { branch }),
    createdAt: new Date().toISOString(),
  }
}

/** What work needs in the log before it is worked on: a queued message becomes one, an answer is put into its tool call. */
function eventsOfWork({ id, kind }: Work, { db }: ClaimContext): ChangeEvent[] {
  const { queueItems, decisions, parts } = db.collections
  if (kind === 'queued') {
    const item = queueItems.get(id)
    if (item === undefined) return []
    // What came too late for the run that it was to steer stays as a row that says so.
    const after =
      item.mode === 'queue'
        ? sessionState.queueItems.delete({ key: id })
        : sessionState.queueItems.update({ value: { ...plainRow(item), outcome: 'late' } })
    return [...messageEvents(item), after]
  }
  if (kind === 'tool-result') {
    const decision = decisions.get(id)
    const part = [...parts.values()].find(({ toolCall }) => toolCall === decision?.subject)
    if (part === undefined) return []
    return [
      sessionState.parts.update({
        value: {
          ...plainRow(part),
          toolState: 'output-available',
          ...(decision?.attachment === undefined
            ? { output: decision?.value }
            : { attachment: decision.attachment, mediaType: 'application/json' }),
        },
      }),
    ]
  }
  return []
}

/** Waits until the log has a run at an epoch, or at a later one. */
function whenEpoch(
  { id, epoch }: Run,
  { db, signal }: ClaimContext,
): { readonly promise: Promise<Run | undefined>; cancel(): void } {
  const { promise, resolve } = deferred<Run | undefined>()
  const { runs } = db.collections
  const subscription = runs.subscribeChanges(() => {
    const run = runs.get(id)
    if (run !== undefined && run.epoch >= epoch) resolve(run)
  })
  const cancel = (): void => resolve(undefined)
  signal.addEventListener('abort', cancel)
  void promise.then(() => {
    subscription.unsubscribe()
    signal.removeEventListener('abort', cancel)
  })
  return { promise, cancel }
}

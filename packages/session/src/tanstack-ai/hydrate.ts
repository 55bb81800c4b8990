import { SessionError } from '../errors.ts'
import type { Run } from '../rows.ts'
import type { Conversation } from './conversation.ts'
import { approvalsOf, continuationId, toInterrupt } from './interrupts.ts'
import type { HydrateOptions, Hydration } from './toolkit.ts'

/** Returns a page of messages, the run that is going on and what it waits for, from the rows as they are. */
export function hydrate(
  conversation: Conversation,
  { limit, before }: HydrateOptions,
  onMessage: (id: string) => void,
): Hydration {
  const all = conversation.all()
  const end = before === undefined ? all.length : all.findIndex(({ message }) => message.id === before)
  if (end === -1)
    throw new SessionError('not-found', `There is no message "${before}" in ${conversation.session.url}`)
  const start = limit === undefined ? 0 : Math.max(0, end - Math.max(1, Math.floor(limit)))
  const page = all.slice(start, end)
  const [first] = page
  conversation.showFrom(start === 0 ? undefined : first?.message.id)
  if (before !== undefined) for (const { message } of page) onMessage(message.id)
  const active = before === undefined ? activeRuns(conversation) : []
  return {
    messages: page.flatMap((view) => conversation.uiMessages(view)),
    activeRun: toActive(active.at(-1)),
    interrupts: interruptsOf(conversation, active),
    page:
      start === 0 || first === undefined
        ? { truncated: false }
        : { truncated: true, cursor: first.message.id },
  }
}

function activeRuns(conversation: Conversation): Run[] {
  return conversation
    .all()
    .map((view) => conversation.activeRun(view))
    .filter((run) => run !== undefined)
}

function toActive(run: Run | undefined): Hydration['activeRun'] {
  return run === undefined ? null : { runId: run.id }
}

function interruptsOf({ session }: Conversation, runs: readonly Run[]): Hydration['interrupts'] {
  for (const run of [...runs].reverse()) {
    const pending = approvalsOf(session, run).filter(({ status }) => status === 'pending')
    const runId = continuationId(session, run)
    if (pending.length > 0) return { runId, pending: pending.map((approval) => toInterrupt(approval, runId)) }
  }
  return null
}

import { branchOf } from './branches.ts'
import type { ResolvedAgentOptions } from './agent-options.ts'
import type { LogOrder } from './log-order.ts'
import type { PartTexts } from './part-texts.ts'
import { isOver } from './run-states.ts'
import type { Branch, Decision, Message, QueueItem, Run } from './rows.ts'
import type { SessionDB } from './session-db.ts'
import type { Thread } from './thread.ts'

/** Something that an agent is to answer. */
export interface Work {
  /** The row that asks for it; a tick of a schedule has an id of its own. */
  readonly id: string
  readonly kind: 'message' | 'regenerate' | 'queued' | 'tool-result' | 'schedule'
  readonly branch: string
  /** Runs of agents between a person's message and this. */
  readonly depth: number
  /** Where the row that asks for it is in the log: what came first is answered first. */
  readonly place: number
}

/** What tells what an agent is to answer. */
export interface WorkContext {
  readonly db: SessionDB
  readonly order: LogOrder
  readonly thread: Thread
  readonly texts: PartTexts
  readonly options: ResolvedAgentOptions
}

/** Returns the work that a message is for an agent. That of another agent is, when it is complete. */
export function workOfMessage(message: Message, context: WorkContext): Work | undefined {
  const { db, order, options } = context
  const { name, maxDepth, triggers } = options
  const { runs, agents } = db.collections
  const after = agents.get(name)?.after
  if (after !== undefined && order.of('message', message.id) <= order.of('message', after)) return undefined
  const run = message.run === undefined ? undefined : runs.get(message.run)
  if (message.author === name || (run !== undefined && (run.agent === name || !isOver(run)))) return undefined
  const isAgents = message.role !== 'user'
  const depth = isAgents ? (run?.depth ?? 0) + 1 : 0
  if (depth > maxDepth) return undefined
  const isAsked =
    (triggers.includes('message') && !isAgents) ||
    (triggers.includes('mention') && mentions(message, context))
  return isAsked
    ? {
        id: message.id,
        kind: 'message',
        branch: branchOf(message),
        depth,
        place: order.of('message', message.id),
      }
    : undefined
}

export function workOfBranch(branch: Branch, { order, options }: WorkContext): Work | undefined {
  if (branch.kind !== 'regenerate' || branch.agent !== options.name) return undefined
  return {
    id: branch.id,
    kind: 'regenerate',
    branch: branch.id,
    depth: 0,
    place: order.of('branch', branch.id),
  }
}

/** Returns the work that a queued message is: of one that was to steer a run, when the run has ended without it. */
export function workOfQueueItem(item: QueueItem, context: WorkContext): Work | undefined {
  const { db, order, options } = context
  if (item.outcome !== undefined) return undefined
  const { triggers, name } = options
  const work: Work = {
    id: item.id,
    kind: 'queued',
    branch: branchOf(item),
    depth: 0,
    place: order.of('queueItem', item.id),
  }
  if (item.mode === 'queue') {
    return triggers.includes('message') || item.mentions?.includes(name) === true ? work : undefined
  }
  const run = item.run === undefined ? undefined : db.collections.runs.get(item.run)
  return run !== undefined && run.agent === name && isOver(run) ? work : undefined
}

/** Returns the work that an answer to a tool call is: where the run that called has ended without it. */
export function workOfDecision(decision: Decision, { db, order, options }: WorkContext): Work | undefined {
  if (decision.verdict !== 'answer' || !options.triggers.includes('tool-result')) return undefined
  if (order.firstDecision(decision.subject)?.id !== decision.id) return undefined
  const { parts, messages, runs } = db.collections
  const part = [...parts.values()].find(
    ({ toolCall, toolState }) => toolCall === decision.subject && toolState === 'awaiting-output',
  )
  const message = part && messages.get(part.message)
  const run = message?.run === undefined ? undefined : runs.get(message.run)
  if (message === undefined || run?.agent !== options.name || !isOver(run)) return undefined
  return {
    id: decision.id,
    kind: 'tool-result',
    branch: branchOf(message),
    depth: run.depth ?? 0,
    place: order.of('decision', decision.id),
  }
}

function mentions({ id, mentions: listed }: Message, { thread, texts, options }: WorkContext): boolean {
  const { name } = options
  if (listed !== undefined) return listed.includes(name)
  return thread
    .parts(id)
    .some((part) => part.kind === 'text' && holdsMention(withoutCode(texts.get(part.id)), name))
}

/** Returns a Markdown text without its code: what is quoted there calls upon nobody. */
export function withoutCode(text: string): string {
  return text.replaceAll(/(`{3,})[^]*?(?:\1|$)|(`+)[^`\n]+\2/g, ' ')
}

/** Tells whether a text calls upon somebody: `@name`, as a word of its own. */
export function holdsMention(text: string, name: string): boolean {
  for (let at = text.indexOf(`@${name}`); at !== -1; at = text.indexOf(`@${name}`, at + 1)) {
    const before = text[at - 1] ?? ' '
    const behind = text[at + name.length + 1] ?? ' '
    if (!/[\p{L}\p{N}_]/u.test(before) && !/[\p{L}\p{N}_-]/u.test(behind)) return true
  }
  return false
}

/** Returns the id of an agent's run for something: the same for whichever process starts it, so that one does. */
export function runIdOf(agent: string, work: Pick<Work, 'id'>): string {
  return `${agent}.${work.id}`
}

/**
 * Whether a run of an agent is under way in a branch, or is about to go on with another process: what comes waits for it. Those
 * that wait for a decision hold nothing up.
 */
export function isWorkingIn(branch: string, agent: string) {
  return (run: Run): boolean =>
    run.agent === agent &&
    (run.status === 'running' || run.status === 'interrupted') &&
    branchOf(run) === branch
}

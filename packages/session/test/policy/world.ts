import { MaterializedState } from '@streamdb/state'
import type { ChangeEvent } from '@streamdb/state'
import { createSessionState, presenceDefinitions, sessionPolicy } from '@streamdb/session/policy'
import type { SessionDecision, SessionPolicyOptions, SessionRole } from '@streamdb/session/policy'

export const state = createSessionState(presenceDefinitions)

/** Who is who; Nora takes no part. */
export const roles: Readonly<Record<string, SessionRole | undefined>> = {
  olga: 'owner',
  mia: 'member',
  max: 'member',
  helper: 'agent',
  scout: 'agent',
  vic: 'viewer',
}

export const run = {
  ...{ id: 'helper.m1', agent: 'helper', status: 'running' as const, triggers: ['m1'], message: 'helper.m1' },
  ...{ attempt: 1, epoch: 3, holder: 'server/1' },
}
export const part = {
  id: 'p1',
  message: run.id,
  index: 0,
  kind: 'text' as const,
  state: 'streaming' as const,
}
export const call = {
  ...{ id: 'p2', message: run.id, index: 1, kind: 'tool-call' as const, state: 'done' as const },
  ...{ toolCall: 'call1', toolName: 'weather', toolState: 'awaiting-output' as const },
}
/** A tool call that its run has not made yet. */
export const waiting = {
  ...{ id: 'p-waits', message: run.id, index: 9, kind: 'tool-call' as const, state: 'done' as const },
  ...{ toolCall: 'call9', toolName: 'order', toolState: 'awaiting-approval' as const },
}
export const approval = {
  ...{
    id: 'helper.m1.ask0',
    run: run.id,
    agent: 'helper',
    kind: 'approval' as const,
    status: 'pending' as const,
  },
}
export const decision = {
  id: `${approval.id}:mia`,
  subject: approval.id,
  actor: 'mia',
  verdict: 'approve' as const,
}
export const branch = { id: 'b1', from: 'm1', kind: 'edit' as const, by: 'mia' }
export const item = { id: 'q1', author: 'mia', mode: 'queue' as const, parts: [{ text: 'later' }] }
export const steer = {
  id: 's1',
  author: 'mia',
  mode: 'steer' as const,
  run: run.id,
  parts: [{ text: 'left' }],
}
export const file = {
  ...{ id: 'f1', name: 'a.txt', mediaType: 'text/plain', size: 1, url: 'files/f1', by: 'mia' },
  state: 'uploading' as const,
}
export const document = { id: 'd1', by: 'mia', path: 'rooms/1/documents/d1' }
export const message = { id: 'm1', role: 'user' as const, author: 'mia' }
export const text = {
  id: 'm1.0',
  message: 'm1',
  index: 0,
  kind: 'text' as const,
  state: 'done' as const,
  text: 'hi',
}

/** The session as it stands before every write of the tables. */
export const world: readonly ChangeEvent[] = [
  state.participants.insert({ value: { id: 'mia', kind: 'person' } }),
  state.agents.insert({ value: { id: 'helper' } }),
  state.agents.insert({ value: { id: 'scout' } }),
  state.messages.insert({ value: message }),
  state.parts.insert({ value: text }),
  state.messages.insert({ value: { id: run.id, role: 'assistant', author: 'helper', run: run.id } }),
  state.runs.insert({ value: run }),
  state.parts.insert({ value: part }),
  state.deltas.insert({ key: 'p1:0', value: { text: 'Hel' } }),
  state.deltas.insert({ key: 'p1:1', value: { text: 'lo' } }),
  state.parts.insert({ value: call }),
  state.parts.insert({ value: waiting }),
  state.steps.insert({ value: { id: `${run.id}:plan`, run: run.id, name: 'plan', attempt: 1 } }),
  state.approvals.insert({ value: approval }),
  state.decisions.insert({ value: decision }),
  state.branches.insert({ value: branch }),
  state.queueItems.insert({ value: item }),
  state.queueItems.insert({ value: steer }),
  state.attachments.insert({ value: file }),
  state.documents.insert({ value: document }),
]

export const device = (participant: string, kind: 'person' | 'agent' = 'person') => ({
  ...{ device: `${participant}-phone`, participant, kind, ttl: 75_000, beat: 1, at: '2026-01-01T00:00:00Z' },
})

type Options = Partial<SessionPolicyOptions<{ id: string }>>

/** Resolves with what the policy says of events, each behind those before it: `+`, or the code of the first refusal. */
export async function verdictOf(
  id: string,
  events: ChangeEvent | readonly ChangeEvent[],
  {
    stream = 'rooms/1',
    rows = world,
    ...options
  }: Options & { stream?: string; rows?: readonly ChangeEvent[] } = {},
): Promise<string> {
  const policy = sessionPolicy({ role: ({ user }) => roles[user.id], ...options })
  const materialized = new MaterializedState()
  materialized.applyBatch(rows)
  for (const event of [events].flat()) {
    const decision = await policy.authorize({
      ...{ event, row: materialized.get(event.type, event.key), user: { id }, stream },
      rows: {
        get: (type, key) => materialized.get(type, key),
        entries: (type) => materialized.getType(type).entries(),
      },
    })
    if (decision !== true) return codeOf(decision)
    materialized.apply(event)
  }
  return '+'
}

function codeOf(decision: SessionDecision): string {
  return decision === true ? '+' : decision.code
}

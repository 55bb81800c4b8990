import type { ChangeEvent } from '@streamdb/state'
import { expect, test } from 'vitest'
import {
  approval,
  branch,
  call,
  decision,
  device,
  document,
  file,
  item,
  message,
  part,
  roles,
  run,
  state,
  steer,
  text,
  verdictOf,
  waiting,
} from './world.ts'

const users = ['olga', 'mia', 'max', 'helper', 'scout', 'vic', 'nora'] as const
type User = (typeof users)[number]
type Make = (user: User) => ChangeEvent | readonly ChangeEvent[]
/** In the order of `users`, but for Nora, who is nobody: `+`, or why not. A code that is alone is that of all. */
type Verdicts = string

const codes: Readonly<Record<string, string>> = {
  name: 'another-name',
  not: 'not-yours',
  fixed: 'fixed-field',
  key: 'key-taken',
  role: 'role-forbids',
  row: 'unknown-row',
  over: 'run-over',
}

const own = { id: 'new', author: 'mia', role: 'user' as const }
const asRole = (user: User): 'assistant' | 'user' => (roles[user] === 'agent' ? 'assistant' : 'user')
const kindOf = (user: User): 'agent' | 'person' => (roles[user] === 'agent' ? 'agent' : 'person')
const put = (row: { id: string }, changes: object, type: keyof typeof state): ChangeEvent =>
  // Rows of the type that is named, with changes that may be none.
  (state[type] as typeof state.messages).update({ value: { ...row, ...changes } as typeof message })

// prettier-ignore
const table: readonly (readonly [title: string, make: Make, verdicts: Verdicts])[] = [
  //                                                                                                   olga mia max helper scout vic
  ['message: insert in one\'s own name', (user) => state.messages.insert({ value: { id: 'new', author: user, role: asRole(user) } }), '+ + + + + role'],
  ['message: insert in another name', (user) => state.messages.insert({ value: { ...own, author: user === 'mia' ? 'max' : 'mia' } }), 'name name name name name role'],
  ['message: upsert over that of another', (user) => state.messages.upsert({ value: { ...message, author: user } }), 'not + not not not role'],
  ['message: insert under a key that is there', (user) => state.messages.insert({ value: { ...message, author: user, metadata: 1 } }), 'not + not not not role'],
  ['message: update of Mia\'s', () => put(message, { mentions: ['max'] }, 'messages'), 'not + not not not role'],
  ['message: another author in an update', () => put(message, { author: 'max' }, 'messages'), 'not fixed not not not role'],
  ['message: another role in an update', () => put(message, { role: 'system' }, 'messages'), 'not fixed not not not role'],
  ['message: another branch in an update', () => put(message, { branch: 'b1' }, 'messages'), 'not fixed not not not role'],
  ['message: delete of Mia\'s', () => state.messages.delete({ key: 'm1' }), '+ + not not not role'],
  ['message: delete of Mia\'s, and insert as one\'s own', (user) => [state.messages.delete({ key: 'm1' }), state.messages.insert({ value: { id: 'm1', author: user, role: asRole(user) } })], '+ + not not not role'],
  ['message: delete of Mia\'s, and insert in her name', () => [state.messages.delete({ key: 'm1' }), state.messages.insert({ value: message })], 'name + not not not role'],
  ['message: of the role "system"', (user) => state.messages.insert({ value: { id: 'new', author: user, role: 'system' } }), '+ name name name name role'],
  ['message: of the role "assistant"', (user) => state.messages.insert({ value: { id: 'new', author: user, role: 'assistant' } }), 'name name name + + role'],
  ['message: under the id of a run to come', (user) => state.messages.insert({ value: { id: 'helper.m2', author: user, role: asRole(user) } }), 'key key key + key role'],
  ['message: under the id of a queued one', (user) => state.messages.insert({ value: { id: 'q1', author: user, role: asRole(user) } }), 'key + key key key role'],
  ['message: of a run of another', (user) => state.messages.insert({ value: { id: 'helper.m2', run: 'helper.m2', author: user, role: 'assistant' } }), 'key key key + key role'],
  ['message: of a queued one, by an agent', () => state.messages.insert({ value: own.id === 'new' ? { id: 'q1', author: 'mia', role: 'user' } : message }), 'name + name + + role'],
  ['message: of a queued one, with other words', () => [state.messages.insert({ value: { id: 'q1', author: 'mia', role: 'user' } }), state.parts.insert({ value: { ...text, id: 'q1.0', message: 'q1', text: 'other' } })], 'name + name name name role'],
  ['part: insert into Mia\'s message', () => state.parts.insert({ value: { ...text, id: 'm1.1', index: 1 } }), 'name + name name name role'],
  ['part: update of Mia\'s', () => put(text, { text: 'bye' }, 'parts'), 'not + not not not role'],
  ['part: redaction of Mia\'s', () => put(text, { text: '[redacted]' }, 'parts'), '+ + not not not role'],
  ['part: move to another message', (user) => [state.messages.insert({ value: { id: 'new', author: user, role: asRole(user) } }), put(text, { message: 'new' }, 'parts')], 'fixed fixed fixed fixed fixed role'],
  ['part: delete of Mia\'s', () => state.parts.delete({ key: 'm1.0' }), '+ + not not not role'],
  ['part: without a message', (user) => state.parts.insert({ value: { ...text, id: `${user}.0`, message: user } }), 'row row row row row role'],
  ['part: called after another message', (user) => [state.messages.insert({ value: { id: 'new', author: user, role: asRole(user) } }), state.parts.insert({ value: { ...text, id: 'q1.0', message: 'new' } })], 'key key key key key role'],
  ['part: a tool call in one\'s own message', (user) => [state.messages.insert({ value: { id: 'new', author: user, role: asRole(user) } }), state.parts.insert({ value: { ...call, id: 'new.0', message: 'new' } })], 'role role role + + role'],
  ['part: of the run', () => state.parts.insert({ value: { ...part, id: 'p3', index: 2 } }), 'name name name + name role'],
  ['part: update of the run\'s', () => put(part, { state: 'done', text: 'Hello!' }, 'parts'), 'not not not + not role'],
  ['part: cut where its holder is gone', () => put(part, { state: 'interrupted', text: 'Hello' }, 'parts'), '+ + + + + role'],
  ['part: cut with other words', () => put(part, { state: 'interrupted', text: 'Help' }, 'parts'), 'not not not + not role'],
  ['part: cut by a fork', () => put(part, { state: 'interrupted', text: 'Hel' }, 'parts'), '+ not not + not role'],
  ['part: a tool call that waits, ended by a fork', () => put(waiting, { state: 'interrupted', toolState: 'output-error', error: 'interrupted' }, 'parts'), '+ not not + not role'],
  ['part: a tool call that waits, ended in other words', () => put(waiting, { state: 'interrupted', toolState: 'output-available', output: 1 }, 'parts'), 'not not not + not role'],
  ['part: delete of the run\'s', () => state.parts.delete({ key: 'p1' }), '+ not not + not role'],
  ['delta: insert', () => state.deltas.insert({ key: 'p1:2', value: { text: '!' } }), 'name name name + name role'],
  ['delta: over one that is there', () => state.deltas.upsert({ key: 'p1:0', value: { text: 'J' } }), 'not not not + not role'],
  ['delta: of a part that is settled', () => [put(part, { state: 'interrupted', text: 'Hello' }, 'parts'), state.deltas.insert({ key: 'p1:2', value: { text: '!' } })], 'name name name over name role'],
  ['delta: of a part that is not there', () => state.deltas.insert({ key: 'p9:0', value: { text: '!' } }), 'row row row row row role'],
  ['delta: delete', () => state.deltas.delete({ key: 'p1:0' }), '+ not not + not role'],
  ['delta: swept when it is settled', () => [put(part, { state: 'interrupted', text: 'Hello' }, 'parts'), state.deltas.delete({ key: 'p1:0' })], '+ + + + + role'],
  ['delta: a fence', () => state.deltas.delete({ key: `${run.id}:fence` }), '+ + + + + role'],
  ['run: insert', () => state.runs.insert({ value: { ...run, id: 'helper.m2', message: 'helper.m2' } }), 'name name name + name role'],
  ['run: insert of one\'s own', (user) => state.runs.insert({ value: { ...run, agent: user, id: `${user}.m2`, message: `${user}.m2` } }), 'name name name + + role'],
  ['run: of one\'s own, called after another agent', (user) => state.runs.insert({ value: { ...run, agent: user, id: 'nobody.m2', message: 'nobody.m2' } }), 'name name name key key role'],
  ['run: that writes the message of another', (user) => state.runs.insert({ value: { ...run, agent: user, id: `${user}.m2`, message: 'm1' } }), 'name name name key key role'],
  ['run: its end', () => put(run, { status: 'done' }, 'runs'), 'name name name + name role'],
  ['run: its end, by an owner', () => put(run, { status: 'cancelled', code: 'forked' }, 'runs'), '+ name name + name role'],
  ['run: taken as one\'s own', (user) => put(run, { agent: user }, 'runs'), 'name name name + key role'],
  ['run: another message', () => put(run, { message: 'm1' }, 'runs'), 'name name name key name role'],
  ['run: an epoch that is over', () => put(run, { epoch: 2 }, 'runs'), 'name name name over name role'],
  ['run: the same epoch by another holder', () => put(run, { holder: 'server/2' }, 'runs'), 'name name name over name role'],
  ['run: the next epoch by another holder', () => put(run, { holder: 'server/2', epoch: 4 }, 'runs'), 'name name name + name role'],
  ['run: its holder is gone', () => put(run, { status: 'interrupted', code: 'holder-gone', epoch: 4 }, 'runs'), '+ + + + + role'],
  ['run: its holder is gone, in its epoch', () => put(run, { status: 'interrupted', code: 'holder-gone' }, 'runs'), 'name name name + name role'],
  ['run: begun again behind its end', () => [put(run, { status: 'done' }, 'runs'), put(run, { epoch: 4 }, 'runs')], 'name name name over name role'],
  ['run: delete', () => state.runs.delete({ key: run.id }), '+ not not + not role'],
  ['step: insert', () => state.steps.insert({ value: { id: `${run.id}:read`, run: run.id, name: 'read', attempt: 1 } }), 'name name name + name role'],
  ['step: called after another run', () => state.steps.insert({ value: { id: 'x:read', run: run.id, name: 'read', attempt: 1 } }), 'name name name key name role'],
  ['step: of no run', (user) => state.steps.insert({ value: { id: `${user}.m9:x`, run: `${user}.m9`, name: 'x', attempt: 1 } }), 'row row row row row role'],
  ['step: update', () => put({ id: `${run.id}:plan` }, { run: run.id, name: 'plan', attempt: 1, output: 1 }, 'steps'), 'not not not + not role'],
  ['step: delete', () => state.steps.delete({ key: `${run.id}:plan` }), '+ not not + not role'],
  ['approval: insert', () => state.approvals.insert({ value: { ...approval, id: 'other' } }), 'name name name + name role'],
  ['approval: of another run under its key', () => put(approval, { run: 'scout.m1' }, 'approvals'), 'not not not fixed not role'],
  ['approval: as it was decided', () => put(approval, { status: 'approved', decision: decision.id, by: 'mia' }, 'approvals'), 'not not not + not role'],
  ['approval: as nobody decided', () => put(approval, { status: 'approved', decision: `${approval.id}:max`, by: 'max' }, 'approvals'), 'not not not name not role'],
  ['approval: decided by the agent itself', () => put(approval, { status: 'approved' }, 'approvals'), 'not not not name not role'],
  ['approval: another verdict than was given', () => put(approval, { status: 'denied', decision: decision.id, by: 'mia' }, 'approvals'), 'not not not name not role'],
  ['approval: other words than were given', () => put(approval, { status: 'approved', decision: decision.id, by: 'mia', reason: 'because' }, 'approvals'), 'not not not name not role'],
  ['approval: another name than was given', () => put(approval, { status: 'approved', decision: decision.id, by: 'max' }, 'approvals'), 'not not not name not role'],
  ['approval: cancelled', () => put(approval, { status: 'cancelled' }, 'approvals'), '+ not not + not role'],
  ['approval: delete', () => state.approvals.delete({ key: approval.id }), '+ not not + not role'],
  ['decision: approve', (user) => state.decisions.insert({ value: { ...decision, verdict: 'deny', id: `${approval.id}:${user}`, actor: user } }), '+ fixed + role role role'],
  ['decision: in another name', () => state.decisions.insert({ value: { ...decision, id: `${approval.id}:olga`, actor: 'olga' } }), '+ name name name name role'],
  ['decision: under another key', (user) => state.decisions.insert({ value: { ...decision, id: 'x', actor: user } }), 'key key key key key role'],
  ['decision: changed', () => put(decision, { verdict: 'deny' }, 'decisions'), 'fixed fixed fixed fixed fixed role'],
  ['decision: taken back', () => state.decisions.delete({ key: decision.id }), 'fixed fixed fixed fixed fixed role'],
  ['decision: cancel', (user) => state.decisions.insert({ value: { id: `${run.id}:${user}`, subject: run.id, actor: user, verdict: 'cancel' } }), '+ + + + role role'],
  ['decision: approve a run', (user) => state.decisions.insert({ value: { id: `${run.id}:${user}`, subject: run.id, actor: user, verdict: 'approve' } }), 'row row row row row role'],
  ['decision: answer a tool call', (user) => state.decisions.insert({ value: { id: `call1:${user}`, subject: 'call1', actor: user, verdict: 'answer', value: 1 } }), '+ + + role role role'],
  ['decision: about a question to come', (user) => state.decisions.insert({ value: { id: `helper.m1.ask1:${user}`, subject: 'helper.m1.ask1', actor: user, verdict: 'answer' } }), 'row row row row row role'],
  ['branch: insert', (user) => state.branches.insert({ value: { ...branch, id: 'b2', by: user } }), '+ + + + + role'],
  ['branch: in another name', (user) => state.branches.insert({ value: { ...branch, id: 'b2', by: user === 'mia' ? 'max' : 'mia' } }), 'name name name name name role'],
  ['branch: from a message that is not there', (user) => state.branches.insert({ value: { ...branch, id: 'b2', by: user, from: 'm9' } }), 'row row row row row role'],
  ['branch: called main', (user) => state.branches.insert({ value: { ...branch, id: 'main', by: user } }), 'key key key key key role'],
  ['branch: another place', () => put(branch, { from: run.id }, 'branches'), 'not fixed not not not role'],
  ['branch: delete', () => state.branches.delete({ key: 'b1' }), '+ + not not not role'],
  ['agent: itself', (user) => state.agents.upsert({ value: { id: user, name: 'A' } }), 'name name name + + role'],
  ['agent: another', () => state.agents.upsert({ value: { id: 'helper', after: 'm1' } }), 'name name name + name role'],
  ['agent: delete', () => state.agents.delete({ key: 'helper' }), '+ name name + name role'],
  ['participant: itself', (user) => state.participants.upsert({ value: { id: user, kind: kindOf(user), name: 'A' } }), '+ + + + + role'],
  ['participant: another', () => state.participants.update({ value: { id: 'mia', kind: 'person', name: 'Max' } }), 'name + name name name role'],
  ['participant: of the other kind', (user) => state.participants.upsert({ value: { id: user, kind: kindOf(user) === 'agent' ? 'person' : 'agent' } }), 'name name name name name role'],
  ['participant: delete', () => state.participants.delete({ key: 'mia' }), '+ + not not not role'],
  ['queue item: insert', (user) => state.queueItems.insert({ value: { ...item, id: 'q2', author: user } }), '+ + + + + role'],
  ['queue item: in another name', (user) => state.queueItems.insert({ value: { ...item, id: 'q2', author: user === 'mia' ? 'max' : 'mia' } }), 'name name name name name role'],
  ['queue item: under the id of a message', (user) => state.queueItems.insert({ value: { ...item, id: 'm1', author: user } }), 'key key key key key role'],
  ['queue item: other words', () => put(item, { parts: [{ text: 'x' }] }, 'queueItems'), 'not + not not not role'],
  ['queue item: taken before it is a message', () => put(steer, { outcome: 'taken' }, 'queueItems'), 'role role role role role role'],
  ['queue item: taken', () => [state.messages.insert({ value: { id: 's1', author: 'mia', role: 'user' } }), state.parts.insert({ value: { id: 's1.0', message: 's1', index: 0, kind: 'text', state: 'done', text: 'left' } }), put(steer, { outcome: 'taken' }, 'queueItems')], 'name role name + name role'],
  ['queue item: made a message of', () => [state.messages.insert({ value: { id: 'q1', author: 'mia', role: 'user' } }), state.parts.insert({ value: { id: 'q1.0', message: 'q1', index: 0, kind: 'text', state: 'done', text: 'later' } }), state.queueItems.delete({ key: 'q1' })], 'name + name + + role'],
  ['queue item: delete', () => state.queueItems.delete({ key: 'q1' }), '+ + not not not role'],
  ['attachment: insert', (user) => state.attachments.insert({ value: { ...file, id: 'f2', url: 'files/f2', by: user } }), '+ + + + + role'],
  ['attachment: in another name', (user) => state.attachments.insert({ value: { ...file, id: 'f2', url: 'files/f2', by: user === 'mia' ? 'max' : 'mia' } }), 'name name name name name role'],
  ['attachment: elsewhere', (user) => state.attachments.insert({ value: { ...file, id: 'f2', url: 'https://example.com/f2', by: user } }), 'key key key key key role'],
  ['attachment: is stored', () => put(file, { state: 'ready' }, 'attachments'), 'not + not not not role'],
  ['attachment: moved elsewhere', () => put(file, { url: 'https://example.com/f1' }, 'attachments'), 'not fixed not not not role'],
  ['attachment: in a fork', () => put(file, { url: '../1/files/f1' }, 'attachments'), '+ fixed not not not role'],
  ['attachment: delete', () => state.attachments.delete({ key: 'f1' }), '+ + not not not role'],
  ['document: insert', (user) => state.documents.insert({ value: { ...document, id: 'd2', by: user } }), '+ + + + + role'],
  ['document: in another name', (user) => state.documents.insert({ value: { ...document, id: 'd2', by: user === 'mia' ? 'max' : 'mia' } }), 'name name name name name role'],
  ['document: another title', () => put(document, { title: 'T' }, 'documents'), 'not + not not not role'],
  ['document: another path', () => put(document, { path: 'x' }, 'documents'), '+ fixed not not not role'],
  ['document: delete', () => state.documents.delete({ key: 'd1' }), '+ + not not not role'],
]

test.each(table)('[AZ1] %s', async (_, make, verdicts) => {
  const expected = verdicts.split(' ').map((word) => codes[word] ?? word)
  const received = await Promise.all(users.map((user) => verdictOf(user, make(user))))
  const named = Object.fromEntries(users.map((user, index) => [user, received[index]]))
  expect(named).toEqual(Object.fromEntries(users.map((user, index) => [user, expected[index] ?? 'no-role'])))
})

// prettier-ignore
const presence: readonly (readonly [title: string, make: Make, verdicts: Verdicts, before: readonly ChangeEvent[]])[] = [
  ['its own device', (user) => state.presences.upsert({ value: device(user, kindOf(user)) }), '+ + + + + +', []],
  ['a lease of its own', (user) => state.leases.upsert({ value: device(user, kindOf(user)) }), '+ + + + + +', []],
  ['a device of another', (user) => state.presences.upsert({ value: device(user === 'mia' ? 'max' : 'mia') }), 'name name name name name name', []],
  ['its own name on the device of another', (user) => state.presences.upsert({ value: { ...device(user, kindOf(user)), device: 'mia-phone' } }), 'key + key key key key', [state.presences.insert({ value: device('mia') })]],
  ['the same of another again', () => state.presences.upsert({ value: device('mia') }), 'key + key key key key', [state.presences.insert({ value: device('mia') })]],
  ['that another, whom nobody has seen, has left', () => state.presences.upsert({ value: { ...device('mia'), left: true } }), '+ + + + + +', []],
  ['that another has left', () => state.presences.upsert({ value: { ...device('mia'), left: true } }), 'key + key key key key', [state.presences.insert({ value: device('mia') })]],
  ['another kind', (user) => state.presences.upsert({ value: device(user, kindOf(user) === 'agent' ? 'person' : 'agent') }), 'name name name name name name', []],
]

test.each(presence)('[AZ1] presence: %s', async (_, make, verdicts, rows) => {
  const expected = verdicts.split(' ').map((word) => codes[word] ?? word)
  const on = { stream: 'rooms/1/presence', rows }
  const received = await Promise.all(users.map((user) => verdictOf(user, make(user), on)))
  expect(received).toEqual([...expected, 'no-role'])
})

import { sessionPolicy } from '@streamdb/session/policy'
import { expect, test } from 'vitest'
import { approval, decision, message, roles, state, verdictOf, world } from './world.ts'

const policy = sessionPolicy({
  role: ({ user, stream }) => (stream === 'rooms/1' ? roles[user.id] : undefined),
})
const operations = ['create', 'close', 'delete', 'fork'] as const

// prettier-ignore
test.each([
  //                                  create, close, delete, fork
  ['olga', 'rooms/1',                 '+ + + +'],
  ['mia', 'rooms/1',                  '+ - - -'],
  ['helper', 'rooms/1',               '+ - - -'],
  ['vic', 'rooms/1',                  '- - - -'],
  ['nora', 'rooms/1',                 '- - - -'],
  ['olga', 'rooms/1/files/f1',        '+ + + +'],
  ['mia', 'rooms/1/files/f1',         '+ + - -'],
  ['helper', 'rooms/1/files/f1',      '+ + - -'],
  ['vic', 'rooms/1/files/f1',         '- - - -'],
  ['mia', 'rooms/1/presence',         '+ - - -'],
  ['vic', 'rooms/1/presence',         '+ - - -'],
  ['olga', 'rooms/2',                 '- - - -'],
])('[AZ2] %s, of %s, creates, closes, deletes and forks: %s', async (id, stream, verdicts) => {
  const received = await Promise.all(
    operations.map((operation) => policy.authorizeStream({ user: { id }, stream, operation })),
  )
  expect(received.map((each) => (each === true ? '+' : '-')).join(' ')).toBe(verdicts)
})

test('[AZ2] whoever takes part reads all streams of a session, and nobody else does', async () => {
  const reads = (id: string, stream = 'rooms/1') => policy.authorizeRead({ user: { id }, stream })
  expect(await reads('vic')).toBe(true)
  expect(await reads('vic', 'rooms/1/files/f1')).toBe(true)
  expect(await reads('nora')).toMatchObject({ code: 'no-role' })
  expect(await reads('vic', 'rooms/2')).toMatchObject({ code: 'no-role' })
})

test('[AZ1] a refusal says who, what, which row and why', async () => {
  const event = state.messages.insert({ value: { ...message, id: 'new', author: 'max' } })
  const rows = { get: () => undefined, entries: () => [] }
  expect(await policy.authorize({ event, user: { id: 'mia' }, stream: 'rooms/1', rows })).toEqual({
    code: 'another-name',
    message: '"mia" (member) may not write the message "new": its author would be "max"',
    path: '/value/author',
  })
})

test('[AZ1] rows of the application are for it to decide, and are refused where it does not; viewers are not asked for', async () => {
  const todo = { type: 'todo', key: '1', value: { id: '1' }, headers: { operation: 'insert' as const } }
  expect(await verdictOf('mia', todo)).toBe('unknown-type')
  expect(await verdictOf('mia', { ...todo, type: 'constructor' })).toBe('unknown-type')
  const others = ({ role }: { role: string }) => role === 'member' || { code: 'no', message: 'No' }
  expect(await verdictOf('mia', todo, { others })).toBe('+')
  expect(await verdictOf('helper', todo, { others })).toBe('no')
  expect(await verdictOf('vic', todo, { others })).toBe('role-forbids')
  expect(await verdictOf('mia', todo, { others, stream: 'rooms/1/presence' })).toBe('unknown-type')
})

test('[AZ1] presence is written to its own stream, and nothing else is', async () => {
  const presence = state.presences.upsert({
    value: { device: 'd', participant: 'mia', kind: 'person', ttl: 1, beat: 1, at: '' },
  })
  expect(await verdictOf('mia', presence)).toBe('unknown-type')
  expect(await verdictOf('mia', state.messages.delete({ key: 'm1' }), { stream: 'rooms/1/presence' })).toBe(
    'unknown-type',
  )
})

test('[AZ1] who decides about approvals is up to the application', async () => {
  const decide = ({ user, approval: { agent } }: { user: { id: string }; approval: { agent: string } }) =>
    user.id === 'max' && agent === 'helper'
  const approve = (actor: string, verdict: 'approve' | 'answer' = 'approve') =>
    state.decisions.insert({ value: { ...decision, id: `${approval.id}:${actor}`, actor, verdict } })
  expect(await verdictOf('max', approve('max'), { decide })).toBe('+')
  expect(await verdictOf('olga', approve('olga'), { decide })).toBe('role-forbids')
  // An answer decides as well.
  expect(await verdictOf('olga', approve('olga', 'answer'), { decide })).toBe('role-forbids')
})

test('[AZ1] a person may run agents by other names than its own', async () => {
  const run = {
    ...{ id: 'bot.m1', agent: 'bot', status: 'running' as const, triggers: ['m1'], message: 'bot.m1' },
    ...{ attempt: 1, epoch: 0 },
  }
  const events = [
    state.agents.insert({ value: { id: 'bot' } }),
    state.messages.insert({ value: { id: run.id, role: 'assistant', author: 'bot', run: run.id } }),
    state.runs.insert({ value: run }),
  ]
  expect(await verdictOf('mia', events)).toBe('another-name')
  expect(await verdictOf('mia', events, { agents: () => ['bot'] })).toBe('+')
  expect(
    await verdictOf('mia', state.messages.insert({ value: { ...message, id: 'n' } }), {
      agents: () => ['bot'],
    }),
  ).toBe('+')
})

test('[AZ1] a person who edits what an agent said writes it as such, in its own name and branch', async () => {
  const edit = (by: string, author = by) => [
    state.branches.insert({ value: { id: 'b2', from: 'helper.m1', kind: 'edit', by } }),
    state.messages.insert({ value: { id: 'new', role: 'assistant', author, branch: 'b2' } }),
  ]
  expect(await verdictOf('mia', edit('mia'))).toBe('+')
  expect(await verdictOf('mia', edit('mia', 'helper'))).toBe('another-name')
})

test('[AZ1] a request that is sent again changes nothing, and is allowed', async () => {
  const taken = [
    state.messages.insert({ value: { id: 'q1', author: 'mia', role: 'user' as const } }),
    state.queueItems.delete({ key: 'q1' }),
  ]
  expect(await verdictOf('helper', taken)).toBe('+')
  expect(await verdictOf('helper', [...taken, ...taken])).toBe('+')
  expect(await verdictOf('helper', taken, { rows: world.filter(({ key }) => key !== 'q1') })).toBe(
    'another-name',
  )
})

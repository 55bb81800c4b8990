import { MaterializedState } from '@streamdb/state'
import { expect, test } from 'vitest'
import { state } from '../src/state.ts'
import type { Job, Request } from '../src/state.ts'
import { Board } from '../worker/board.ts'
import { decide } from '../worker/decide.ts'
import { newJob } from './job-stream.ts'

const checkpoint = { offset: '0' }

function decided(job: Partial<Job>, actions: readonly Request['action'][], alive = false, keep = 10) {
  const board = new Board()
  const row = newJob({ id: 'one', fence: 3, worker: 'ada', ...job })
  const at = 0
  const events = [
    state.jobs.insert({ value: row }),
    ...actions.map((action) => state.requests.insert({ value: { id: action, job: 'one', action, at } })),
  ]
  for (const event of events) board.apply({ type: 'event', event, checkpoint })
  const after = new MaterializedState()
  after.applyBatch(events)
  const decisions = decide(board, { now: 60_000, isAlive: () => alive, keep, maxLost: 3 })
  for (const decision of decisions) after.applyBatch(decision.events)
  const left = after.get<Job>('job', 'one')
  return {
    job: left && { state: left.state, fence: left.fence, lost: left.lost },
    requests: [...after.getType('request').keys()],
  }
}

test.each<[string, Partial<Job>, readonly Request['action'][], boolean, object | undefined, string[]]>([
  ['a queued job waits', { state: 'queued' }, [], false, { state: 'queued', fence: 3, lost: 0 }, []],
  [
    'a queued job is cancelled',
    { state: 'queued' },
    ['cancel'],
    false,
    { state: 'cancelled', fence: 4, lost: 0 },
    [],
  ],
  [
    'a retry of a queued job is dropped',
    { state: 'queued' },
    ['retry'],
    false,
    { state: 'queued', fence: 3, lost: 0 },
    [],
  ],
  [
    'a lease that is alive stays',
    { state: 'running' },
    ['cancel'],
    true,
    { state: 'running', fence: 3, lost: 0 },
    ['cancel'],
  ],
  [
    'a silent lease ends: queued again',
    { state: 'running' },
    [],
    false,
    { state: 'queued', fence: 4, lost: 1 },
    [],
  ],
  [
    'a silent lease ends: the third time',
    { state: 'running', lost: 2 },
    [],
    false,
    { state: 'failed', fence: 4, lost: 3 },
    [],
  ],
  [
    'a silent lease ends: cancelled',
    { state: 'running' },
    ['cancel'],
    false,
    { state: 'cancelled', fence: 4, lost: 0 },
    [],
  ],
  [
    'a failed job is retried',
    { state: 'failed', lost: 3 },
    ['retry'],
    false,
    { state: 'queued', fence: 4, lost: 0 },
    [],
  ],
  [
    'a cancel of a job that is done is dropped',
    { state: 'done' },
    ['cancel'],
    false,
    { state: 'done', fence: 3, lost: 0 },
    [],
  ],
  ['a job that is done is removed', { state: 'done' }, ['remove'], false, undefined, []],
])('[J3] %s', (_, job, actions, alive, expected, requests) => {
  expect(decided(job, actions, alive)).toEqual({ job: expected, requests })
})

test('[J5] finished jobs beyond the newest ones are removed with their logs', () => {
  expect(decided({ state: 'done' }, [], false, 0)).toEqual({ job: undefined, requests: [] })
})

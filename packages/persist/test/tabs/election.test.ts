import { describe, expect, test } from 'vitest'
import {
  beginElection,
  defaultElectionTimes as times,
  nextElection,
  noThefts,
} from '../../src/tabs/election.ts'
import type { Election, ElectionEvent, ElectionStep } from '../../src/tabs/election.ts'

const at = 1_000_000
const states: Record<Election['name'], Election> = {
  waiting: { name: 'waiting', heardAt: at, thefts: noThefts },
  stealing: { name: 'stealing', thefts: noThefts },
  leading: { name: 'leading', thefts: noThefts },
  away: { name: 'away', thefts: noThefts },
  closed: { name: 'closed' },
}
const events: Record<ElectionEvent['type'], ElectionEvent> = {
  granted: { type: 'granted', now: at },
  lost: { type: 'lost', now: at },
  heard: { type: 'heard', now: at, thefts: noThefts },
  look: { type: 'look', now: at },
  unanswered: { type: 'unanswered', now: at, isVisible: true },
  hide: { type: 'hide' },
  show: { type: 'show', now: at },
  close: { type: 'close' },
}

/** The next state, and the steps: a new state or event does not compile until every cell is filled. */
const table: Record<Election['name'], Record<ElectionEvent['type'], string>> = {
  waiting: {
    granted: 'leading: lead',
    lost: 'waiting',
    heard: 'waiting',
    look: 'waiting',
    unanswered: 'waiting',
    hide: 'away: release',
    show: 'waiting',
    close: 'closed: release',
  },
  stealing: {
    granted: 'leading: lead',
    lost: 'waiting: release request',
    heard: 'stealing',
    look: 'stealing',
    unanswered: 'stealing',
    hide: 'away: release',
    show: 'stealing',
    close: 'closed: release',
  },
  leading: {
    granted: 'leading',
    lost: 'waiting: step-down release request',
    heard: 'leading',
    look: 'leading',
    unanswered: 'leading',
    hide: 'away: step-down release',
    show: 'leading',
    close: 'closed: step-down release',
  },
  away: {
    granted: 'away: release',
    lost: 'away',
    heard: 'away',
    look: 'away',
    unanswered: 'away',
    hide: 'away: release',
    show: 'waiting: request',
    close: 'closed: release',
  },
  closed: {
    granted: 'closed',
    lost: 'closed',
    heard: 'closed',
    look: 'closed',
    unanswered: 'closed',
    hide: 'closed',
    show: 'closed',
    close: 'closed',
  },
}

describe('every event in every state', () => {
  for (const [name, state] of Object.entries(states)) {
    for (const [type, event] of Object.entries(events)) {
      const expected = table[state.name][event.type]
      test(`${name}, ${type} -> ${expected}`, () => {
        const turn = nextElection(state, event, times)
        const steps = turn.steps.length === 0 ? '' : `: ${turn.steps.join(' ')}`
        expect(`${turn.state.name}${steps}`).toBe(expected)
      })
    }
  }
})

/** Runs events in order; returns the last state and all steps. */
function run(...list: ElectionEvent[]): { state: Election; steps: ElectionStep[] } {
  let { state } = beginElection(at)
  const steps: ElectionStep[] = []
  for (const event of list) {
    const turn = nextElection(state, event, times)
    state = turn.state
    steps.push(...turn.steps)
  }
  return { state, steps }
}

const look = (ms: number): ElectionEvent => ({ type: 'look', now: at + ms })
const unanswered = (ms: number, isVisible = true): ElectionEvent => ({
  type: 'unanswered',
  now: at + ms,
  isVisible,
})
const heard = (ms: number, thefts = noThefts): ElectionEvent => ({ type: 'heard', now: at + ms, thefts })

test('[T7] a leader that is silent for 10 s is asked, and robbed where it does not answer', () => {
  expect(run(look(9_999)).steps).toEqual([])
  expect(run(look(10_000)).steps).toEqual(['ask'])
  expect(run(look(10_000), look(12_000)).steps).toEqual(['ask'])
  expect(run(look(10_000), unanswered(12_000)).steps).toEqual(['ask', 'release', 'steal'])
})

test('[T7] a leader that answers, or was heard meanwhile, is not robbed', () => {
  expect(run(look(10_000), heard(11_000), unanswered(12_000)).steps).toEqual(['ask'])
  expect(run(heard(9_000), look(10_000), look(18_999)).steps).toEqual([])
})

test('[T7] a clock that is set back by an hour delays nothing', () => {
  const hour = 3_600_000
  const back = [look(2_000 - hour), look(12_000 - hour), unanswered(14_000 - hour)]
  expect(run(...back).steps).toEqual(['ask', 'release', 'steal'])
  // A theft of before the clock was set back.
  expect(run(heard(1_000, { count: 1, notBefore: at + 60_000 }), ...back).steps).toContain('steal')
})

test('[T7] a hidden tab does not steal; it asks again', () => {
  const hidden = run(look(10_000), unanswered(12_000, false), look(20_000))
  expect(hidden.steps).toEqual(['ask', 'ask'])
})

test('[T7] a tab that itself stood still asks again before it steals', () => {
  expect(run(look(10_000), unanswered(60_000)).steps).toEqual(['ask', 'ask'])
})

test('[T7] it steals at most once a minute, then less often', () => {
  const lost = (ms: number): ElectionEvent => ({ type: 'lost', now: at + ms })
  const granted: ElectionEvent = { type: 'granted', now: at }
  const first = [look(10_000), unanswered(12_000), granted, lost(13_000)]
  const again = (ms: number): ElectionEvent[] => [look(ms - 2_000), unanswered(ms)]
  const thefts = (list: ElectionEvent[]): number =>
    run(...list).steps.filter((each) => each === 'steal').length
  expect(thefts([...first, ...again(71_999)])).toBe(1)
  expect(thefts([...first, ...again(72_000)])).toBe(2)
  const second = [...first, ...again(72_000), granted, lost(73_000)]
  expect(thefts([...second, ...again(191_999)])).toBe(2)
  expect(thefts([...second, ...again(192_000)])).toBe(3)
})

test('[T7] thefts of others count: two tabs do not rob each other in turn', () => {
  const byOther = heard(1_000, { count: 3, notBefore: at + 200_000 })
  const silent = [look(12_000), unanswered(14_000)]
  expect(run(byOther, ...silent).steps).toEqual(['ask'])
  expect(run(byOther, look(199_000), unanswered(201_000)).steps).toEqual(['ask', 'release', 'steal'])
})

test('[T7] after a long time without thefts the pause is a minute again', () => {
  const state: Election = {
    name: 'waiting',
    heardAt: at,
    askedAt: at,
    thefts: { count: 9, notBefore: at - 2e6 },
  }
  const turn = nextElection(state, { type: 'unanswered', now: at + 2_000, isVisible: true }, times)
  expect(turn.state).toEqual({ name: 'stealing', thefts: { count: 1, notBefore: at + 62_000 } })
})

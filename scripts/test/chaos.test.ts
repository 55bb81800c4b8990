import { describe, expect, test } from 'vitest'
import { readChaosOptions } from '../chaos/options.mjs'
import { falseClaims, readRules, sessionRules, writeRules } from '../chaos/rules.mjs'
import { schedule } from '../chaos/schedule.mjs'
import { lagRules, longestWait, measureStalls, stallTable } from '../chaos/stalls.mjs'

// The oracle of chaos is held against itself: what is wrong on purpose is found.

const item = (n: number, txid: string) => ({
  type: 'item',
  key: `ann-${n}`,
  value: { id: `ann-${n}`, writer: 'ann', n },
  headers: { operation: 'insert', txid },
})
const probe = (n: number) => ({
  type: 'probe',
  key: 'probe',
  value: { id: 'probe', n },
  headers: { operation: 'upsert' },
})
const written = (n: number, outcome: string | undefined, acknowledged?: number) => ({
  txid: `t${n}`,
  n,
  begun: 0,
  outcome,
  acknowledged,
})
const brokenBy = (verdicts: readonly { rule: string; broken: readonly string[] }[]) =>
  verdicts.filter(({ broken }) => broken.length > 0).map(({ rule }) => rule.slice(0, 5))

describe('writes', () => {
  const rulesOf = (transactions: object[], events: object[]) =>
    brokenBy(writeRules([{ name: 'ann', transactions }], events))

  test('[CH1] an acknowledged write that is lost, doubled, or out of order is found', () => {
    expect(rulesOf([written(1, 'confirmed', 5)], [item(1, 't1')])).toEqual([])
    expect(rulesOf([written(1, 'confirmed', 5)], [])).toEqual(['[CH1]'])
    expect(rulesOf([written(1, 'confirmed', 5)], [item(1, 't1'), item(1, 't1')])).toEqual(['[CH1]', '[CH1]'])
    const both = [written(1, 'confirmed', 5), written(2, 'confirmed', 5)]
    expect(rulesOf(both, [item(2, 't2'), item(1, 't1')])).toEqual(['[CH1]'])
  })

  test('[CH2] a stored write that is called unknown, and a write in limbo, are found', () => {
    expect(rulesOf([written(1, 'write-unknown', 5)], [item(1, 't1')])).toEqual(['[CH2]'])
    expect(rulesOf([written(1, 'rolled-back')], [item(1, 't1')])).toEqual(['[CH2]'])
    expect(rulesOf([written(1, undefined)], [])).toEqual(['[CH2]'])
  })
})

describe('readers', () => {
  const reader = {
    name: 'reader-1',
    statuses: [
      [0, 'connecting'],
      [100, 'live'],
    ] as [number, string][],
    seen: [[200, 1]] as [number, number][],
    errors: [],
    arrived: 20_000,
    rows: { item: {}, counter: {}, probe: { probe: { n: 1, id: 'probe' } } } as object,
  }
  const events = [probe(1), probe(2)]

  test('[CH3] rows that the log does not have, or has otherwise, are found', () => {
    const rules = (rows: object, log: object[]) =>
      brokenBy(readRules({ readers: [{ ...reader, rows }], snapshots: [], events: log, reads: [] }))
    expect(rules(reader.rows, [probe(1)])).toEqual([])
    expect(rules(reader.rows, events)).toEqual(['[CH3]'])
    expect(rules({ ...reader.rows, item: { x: { id: 'x' } } }, [probe(1)])).toEqual(['[CH3]'])
  })

  test('[CH4] whoever says live, and has not what plain HTTP has read for long, is found', () => {
    const reads: [number, number][] = [
      [150, 1],
      [300, 2],
    ]
    expect(falseClaims(reader, events, reads)).toHaveLength(1)
    expect(falseClaims({ ...reader, seen: [...reader.seen, [900, 2]] }, events, reads)).toEqual([])
    expect(
      falseClaims({ ...reader, statuses: [...reader.statuses, [400, 'reconnecting']] }, events, reads),
    ).toEqual([])
  })
})

test('[CH5] a run that ended twice, a text with a hole, and a question without a run are found', () => {
  const event = (type: string, value: { id: string }) => ({
    type,
    key: value.id,
    value,
    headers: { operation: 'upsert' },
  })
  const answerTo = (text: string) => `${text}!`
  const question = [
    event('message', { id: 'm', role: 'user' } as { id: string }),
    event('part', { id: 'p', message: 'm', kind: 'text', index: 0, text: 'Hi' } as { id: string }),
  ]
  const run = event('run', { id: 'r', status: 'done', triggers: ['m'], message: 'a' } as { id: string })
  const answer = (text: string) =>
    event('part', { id: 'q', message: 'a', kind: 'text', index: 0, text } as { id: string })
  const rules = (events: object[]) =>
    brokenBy(sessionRules({ asked: ['Hi'], answers: ['Hi!'], events, answerTo })).length
  expect(rules([...question, run, answer('Hi!')])).toBe(0)
  expect(rules([...question, run, run, answer('Hi!')])).toBe(1)
  expect(rules([...question, run, answer('Hi')])).toBe(1)
  expect(rules(question)).toBe(2)
})

test('[CH6] waits are measured from the last time before a step, and clients against the cluster', () => {
  expect(longestWait([90, 110, 600, 620], 100, 700)).toBe(490)
  expect(longestWait([90], 100, 700)).toBe(610)
  const times = (...all: number[]) => all.map((settled, n) => ({ n, settled, acknowledged: settled }))
  const stalls = (writer: number[]) =>
    lagRules(
      stallTable(
        measureStalls({
          steps: [{ at: 0, time: 1_000, what: 'kill-leader', for: 1 }],
          end: 20_000,
          probe: {
            appends: [900, 5_000, 19_990].map((stored, n) => ({ n, begun: 0, stored })),
            reads: [
              [900, 1],
              [5_000, 2],
              [19_990, 3],
            ],
          },
          writers: [{ transactions: times(...writer) }],
          readers: [],
        }),
      ),
    )[0]?.broken
  expect(stalls([950, 6_000, 19_990])).toEqual([])
  expect(stalls([950, 19_990])).toHaveLength(2)
})

test('[CH1] the same seed gives the same schedule', () => {
  const options = { seed: 7, duration: 120_000, isCluster: true }
  expect(schedule(options)).toEqual(schedule(options))
  expect(schedule(options)).not.toEqual(schedule({ ...options, seed: 8 }))
})

test.each([
  [['0', '1', '--engine', 'node'], /no fault fits into 0 on node/],
  [['1', 'abc'], /SEED: expected a whole number from 0 on, but received "abc"/],
  [['one'], /MINUTES: expected a number/],
  [['1', '1', '--engine', 'redis'], /--engine: expected one of node, ds, ursula, ursula-cluster/],
  [['1', '2', '3'], /received 3 too/],
  [['--forever'], /Unknown option/],
])('[CH1] what cannot be run is refused before anything is started: %j', (argv, message) => {
  expect(() => readChaosOptions(argv)).toThrow(message)
})

test('[CH1] minutes, a seed and an engine are taken as they are typed', () => {
  expect(readChaosOptions(['0.5', '7', '--engine', 'ds', '--untimed'])).toEqual({
    ...{ minutes: 0.5, seed: 7, engine: 'ds', untimed: true, keep: false },
  })
})

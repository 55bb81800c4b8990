import { readdirSync, readFileSync } from 'node:fs'
import { canonical, cuts, oracle } from '@streamdb/testkit'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeStateEvent,
  fold,
  MaterializedState,
  noChanges,
  StateIssue,
  takeChanges,
} from '../src/index.ts'
import type { StateEvent } from '../src/index.ts'
import { rowsOf } from './builders.ts'

interface Fixture {
  readonly name: string
  readonly laws: readonly string[]
  readonly log: readonly unknown[]
  readonly state: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly issues?: readonly { readonly index: number; readonly code: string; readonly path: string }[]
}

const folder = new URL('../fixtures/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
const fixtures = files.map((file): [title: string, fixture: Fixture] => {
  // What fixtures/README.md says is in them; a wrong part fails its test.
  const fixture = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Fixture
  return [`${fixture.laws.map((law) => `[${law}]`).join(' ')} ${fixture.name} (${file})`, fixture]
})

test.each(fixtures)('%s', (_title, { log, state, issues = [] }) => {
  const decoded = log.map(decodeStateEvent)
  const faults = decoded.flatMap((each, index) =>
    each instanceof StateIssue ? [{ index, code: each.code, path: each.path }] : [],
  )
  expect(faults).toEqual(issues)

  const events = decoded.filter((each): each is StateEvent => !(each instanceof StateIssue))
  const expected = canonical(
    new Map(Object.entries(state).map(([type, rows]) => [type, new Map(Object.entries(rows))])),
  )
  expect(canonical(oracle(events))).toBe(expected)
  expect(canonical(materialize([events]))).toBe(expected)
  expect(canonical(materialize(events.map((event) => [event])))).toBe(expected)
  fc.assert(
    fc.property(cuts(events), (batches) => {
      expect(canonical(materialize(batches))).toBe(expected)
      expect(canonical(foldToMaps(batches))).toBe(expected)
    }),
    { numRuns: 25 },
  )
})

test('every law of the log has a fixture, and every fixture a name of its own', () => {
  const laws = new Set(fixtures.flatMap(([, { laws: own }]) => own))
  expect([...laws].sort()).toEqual(['M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7', 'P1', 'P2', 'P3', 'P4', 'P5'])
  expect(new Set(fixtures.map(([, { name }]) => name)).size).toBe(files.length)
})

function materialize(batches: readonly (readonly StateEvent[])[]): Map<string, Map<string, unknown>> {
  const state = new MaterializedState()
  for (const batch of batches) state.applyBatch(batch)
  return rowsOf(state)
}

/** Holds rows as `Changes` says that one may: everything dropped if it replaces, then each touched row put or deleted. */
function foldToMaps(batches: readonly (readonly StateEvent[])[]): Map<string, Map<string, unknown>> {
  const state = new Map<string, Map<string, unknown>>()
  const changes = noChanges()
  for (const batch of batches) {
    const { rows, replaces } = takeChanges(fold(batch, changes))
    if (replaces) state.clear()
    for (const [type, touched] of rows) {
      const kept = new Map([...(state.get(type) ?? []), ...touched])
      state.set(type, new Map([...kept].filter(([, row]) => row !== undefined)))
    }
  }
  return new Map([...state].filter(([, rows]) => rows.size > 0))
}

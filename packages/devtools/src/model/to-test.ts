import type { EventStore } from './event-store.ts'
import { MaterializedState } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { effects } from './event-block.ts'

/** The largest number of events of a test that is still readable. */
const most = 1_000

/**
 * Returns a vitest test that has events as a log, reads it as any reader does, and expects the rows that they make: what a
 * report of a fault needs. At most 1,000 events: the last of them.
 */
export function toTest(store: EventStore, numbers: readonly number[], title: string): string {
  const used = numbers.slice(-most).filter((number) => effects[store.effectOf(number)] !== 'restart')
  const state = new MaterializedState()
  let invalid = 0
  for (const number of used) {
    const event = store.get(number)
    if (event === undefined) continue
    if (event.effect === 'invalid') invalid++
    else state.apply(event.item as StateEvent) // decoded when it came
  }
  const rows = Object.fromEntries(state.types.map((type) => [type, Object.fromEntries(state.getType(type))]))
  const lines = used.map((number) => `  ${store.textOf(number)},`)
  return [
    `import { createRecordedLog, materialize } from '@streamdb/log'`,
    `import { expect, test } from 'vitest'`,
    '',
    `// ${used.length} of ${numbers.length} events, copied from the StreamDB inspector.`,
    'const log = [',
    ...lines,
    ']',
    '',
    `test(${JSON.stringify(title)}, async () => {`,
    '  const source = createRecordedLog([log]).createSource({ live: false })',
    '  const { state, invalid } = await materialize({ source })',
    '  const rows = Object.fromEntries(state.types.map((type) => [type, Object.fromEntries(state.getType(type))]))',
    `  expect(rows).toEqual(${JSON.stringify(rows, undefined, 2).replaceAll('\n', '\n  ')})`,
    `  expect(invalid.count).toBe(${invalid})`,
    '})',
    '',
  ].join('\n')
}

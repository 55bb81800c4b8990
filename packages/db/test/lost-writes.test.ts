import type { RestartReason } from '@streamdb/log'
import type { ChangeEvent, ControlEvent } from '@streamdb/state'
import { room } from '@streamdb/testkit/rooms'
import { expect, test } from 'vitest'
import { LostWrites } from '../src/writes/lost-writes.ts'
import type { Write } from '../src/writes/write.ts'

/** What is read again, in its order. */
type Step = ChangeEvent | ControlEvent | RestartReason

const event = (txid: string): ChangeEvent =>
  room.users.insert({ value: { id: txid, name: txid }, headers: { txid } })
const snapshot = (txids?: readonly string[]): ControlEvent => ({
  headers: { control: 'snapshot-start', ...(txids && { txids }) },
})

/** Confirms `t1` to `t3`, lets the log be read again, and returns the txids of those that are lost. */
function lostAfter(steps: readonly Step[]): string[] {
  const lost: string[] = []
  const writes = new LostWrites({ reportLostWrite: ({ code }, { txid }) => lost.push(`${code} ${txid}`) })
  for (const txid of ['t1', 't2', 't3']) {
    // Of a transaction nothing is looked at.
    writes.onSettled({ txid, state: { name: 'confirmed' }, attempts: 0 } as Write, [event(txid)])
  }
  for (const step of steps) {
    if (typeof step === 'string') writes.onRestart(step)
    else if ('type' in step) writes.onEvent(step)
    else writes.onControl(step)
  }
  writes.onUpToDate()
  // Once.
  writes.onUpToDate()
  return lost.map((text) => text.replace('write-lost ', ''))
}

const named = Array.from({ length: 1000 }, (_, n) => `other-${n}`)

test.each<[string, readonly Step[], string[]]>([
  ['nothing was read again', [], []],
  ['another stream has none', ['stream-replaced'], ['t1', 't2', 't3']],
  ['a stream that was made anew has none', ['stream-gone', event('x')], ['t1', 't2', 't3']],
  ['an older copy has the first', ['stream-replaced', event('t1')], ['t2', 't3']],
  ['the same log is read again', ['requested', event('x')], []],
  ['reading begins once more', ['stream-replaced', event('t1'), 'storage-corrupt'], ['t1', 't2', 't3']],
  ['a snapshot names the first', ['stream-replaced', snapshot(['t1']), event('t2')], ['t3']],
  ['a snapshot names none of its own', ['stream-replaced', snapshot()], []],
  ['a snapshot has more than it names', ['stream-replaced', snapshot(named)], []],
  ['a reset passes over a part', ['stream-replaced', { headers: { control: 'reset' } }], []],
])('[DP3] %s', (_, steps, expected) => {
  expect(lostAfter(steps)).toEqual(expected)
})

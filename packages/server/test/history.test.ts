import { openHistory } from '@streamdb/log/history'
import type { PastState } from '@streamdb/log/history'
import { isChangeEvent } from '@streamdb/state'
import type { StateEvent } from '@streamdb/state'
import { canonical, logs, needs, oracle } from '@streamdb/testkit'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { createLog, put, quick, stopKit } from './logs.ts'

afterAll(stopKit)

describe('the past of a log with snapshots', () => {
  test('[H1] reads from the nearest snapshot, and what is before it when that is asked for', async () => {
    await needs('stamps')
    const log = await createLog([put('a', 1)])
    const offsets = [await log.append(put('b', 1))]
    await log.compact()
    offsets.push(await log.append(put('a', 2)))
    await log.compact()
    offsets.push(await log.append(put('a', 3)))
    log.requests()
    const history = openHistory({ url: log.url, retry: quick })
    const past = await history.at(offsets[2] ?? '')
    expect([past.get('user', 'a'), past.get('user', 'b'), past.behind]).toEqual([3, 1, 1])
    expect(log.requests()).not.toContain('GET -1')
    // Over the snapshot, to where the one before ends, and over that one to the beginning.
    await past.step(-2)
    expect([past.get('user', 'a'), past.offset]).toEqual([1, offsets[0]])
    expect(log.requests()).not.toContain('GET -1')
    await past.step(-10)
    expect([past.size, past.behind, past.ahead]).toEqual([0, 0, 4])
    expect(log.requests()).toContain('GET -1')
    await past.step(4)
    expect(past.get('user', 'a')).toBe(3)
    expect(log.requests()).toEqual([])
  })

  test('[H1] any log with snapshots anywhere: at any offset the state of the oracle', async () => {
    await needs('stamps')
    const cases = fc.record({
      log: logs({ maxPieces: 6 }),
      compactions: fc.array(fc.nat({ max: 20 }), { maxLength: 2 }),
      places: fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ log: drawn, compactions, places }) => {
        // Each event is a transaction of its own.
        const events = drawn.map((event): StateEvent =>
          isChangeEvent(event) ? { ...event, headers: { ...event.headers, txid: undefined } } : event,
        )
        const log = await createLog()
        const offsets = ['-1']
        for (const [index, event] of events.entries()) {
          offsets.push(await log.append(event))
          if (compactions.includes(index)) await log.compact()
        }
        const history = openHistory({ url: log.direct, retry: quick, checkpointEvery: 3, keep: 8 })
        for (const place of places) {
          const count = place % offsets.length
          const past = await history.at(offsets[count] ?? '')
          expect(stateOf(past)).toBe(canonical(oracle(events.slice(0, count))))
        }
        history.close()
      }),
      { numRuns: 12 },
    )
  })
})

function stateOf(past: PastState): string {
  return canonical(new Map(past.types.map((type) => [type, past.getType(type)])))
}

import type { Batch } from '@streamdb/log'
import { describe, expect, test } from 'vitest'
import { GatheredBatches, joinBatches } from '../../src/tabs/gathered-batches.ts'

/** The response that begins at an offset, and ends at the next one. */
function batch(from: number, items: readonly unknown[] = [`item ${from}`], more: Partial<Batch> = {}): Batch {
  const parts = { first: 0, complete: true, upToDate: true, closed: false, bytes: 0, streamId: 'a' }
  return { items, from: String(from), offset: String(from + 1), ...parts, ...more }
}

const reset = { headers: { control: 'reset' } }

/** Gathers for a page whose clock is moved by hand. */
function gather(isVisible = true) {
  const sent: (readonly unknown[])[] = []
  let time = 1_000
  let timer: { readonly at: number; readonly run: () => void } | undefined
  const gathered = new GatheredBatches({
    clock: {
      now: () => time,
      after(ms, run) {
        timer = { at: time + ms, run }
        return () => (timer = undefined)
      },
    },
    page: { isVisible },
    send: ({ items }) => sent.push(items),
  })
  const pass = (ms: number): void => {
    time += ms
    if (timer !== undefined && timer.at <= time) timer.run()
  }
  return { gathered, sent, pass }
}

describe('[T4] what a leader reads in one go is one message', () => {
  test('responses one behind the other become one, which ends as the last', () => {
    const last = batch(3, ['c'], { closed: true, bytes: 9, cursor: 'x' })
    expect(joinBatches([batch(1, ['a']), batch(2, []), last])).toEqual([
      { ...last, items: ['a', 'c'], from: '1' },
    ])
    expect(joinBatches([])).toEqual([])
  })

  test.each([
    ['a gap', [batch(1), batch(3)]],
    ['another stream', [batch(1), batch(2, ['b'], { streamId: 'b' })]],
    ['a part of a response', [batch(1, ['a'], { complete: false }), batch(1, ['b'], { first: 1 }), batch(2)]],
    ['a control', [batch(1), batch(2, [reset]), batch(3)]],
    ['rows of a store', [batch(1), batch(2, ['b'], { stored: { savedAt: 0, version: 1 } }), batch(3)]],
    ['a long one', [batch(1, Array(600).fill('a')), batch(2, Array(600).fill('b'))]],
  ])('not joined: %s', (_, batches) => {
    expect(joinBatches(batches)).toEqual(batches)
  })

  test('the first goes at once, and what follows within two frames goes together', () => {
    const { gathered, sent, pass } = gather()
    for (const from of [1, 2, 3]) gathered.add(batch(from, [from]))
    expect(sent).toEqual([[1]])
    pass(31)
    expect(sent).toEqual([[1]])
    pass(1)
    expect(sent).toEqual([[1], [2, 3]])
    pass(40)
    gathered.add(batch(4, [4]))
    expect(sent).toEqual([[1], [2, 3], [4]])
  })

  test('what waits goes before anything else is sent, or never', () => {
    const { gathered, sent, pass } = gather()
    for (const from of [1, 2]) gathered.add(batch(from, [from]))
    gathered.flush()
    expect(sent).toEqual([[1], [2]])
    gathered.add(batch(3, [3]))
    gathered.clear()
    pass(100)
    gathered.flush()
    expect(sent).toEqual([[1], [2]])
  })

  test('a hidden page, whose timers run once a second, sends at once', () => {
    const { gathered, sent } = gather(false)
    for (const from of [1, 2, 3]) gathered.add(batch(from, [from]))
    expect(sent).toEqual([[1], [2], [3]])
  })

  test('a clock that is set back delays nothing', () => {
    const { gathered, sent, pass } = gather()
    gathered.add(batch(1, [1]))
    pass(-5_000)
    gathered.add(batch(2, [2]))
    expect(sent).toEqual([[1], [2]])
  })
})

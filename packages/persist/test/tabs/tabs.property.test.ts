import { createFencedLog } from '@streamdb/testkit'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { prepareTabs } from './open-tabs.ts'
import type { TabDB } from './open-tabs.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What happens; `tab` is one of those that are open, by its number modulo how many there are. */
type Step =
  | { readonly do: 'open' | 'append' }
  | {
      readonly do: 'close' | 'crash' | 'freeze' | 'thaw' | 'leave' | 'return' | 'hide' | 'show'
      readonly tab: number
    }
  | { readonly do: 'write'; readonly tab: number }
  | { readonly do: 'lose'; readonly tab: number; readonly count: number }
  | { readonly do: 'fault'; readonly fault: 'lose-answer' | 'drop'; readonly count: number }
  | { readonly do: 'pass'; readonly ms: number }

const tab = fc.nat(5)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'open' }) },
  { weight: 6, arbitrary: fc.constant<Step>({ do: 'append' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('close', 'crash', 'freeze', 'thaw', 'leave', 'return', 'hide', 'show'),
      tab,
    }) as fc.Arbitrary<Step>, // one of the union's members
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), tab }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      fault: fc.constantFrom('lose-answer' as const, 'drop' as const),
      count: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lose' as const), tab, count: fc.nat(6) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(0, 3, 40, 150, 1_100, 14_000),
    }),
  },
)

test('[T3] [T4] [T5] [T7] whatever happens to tabs: one connection at any time, all show the log in the end, and what they wrote is there once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(), (steps, seed) =>
      runProgram(steps, randomOf(seed)),
    ),
    {
      numRuns: 30,
      examples: [
        // The ring of a write was lost.
        [
          [{ do: 'lose', tab: 0, count: 3 }, { do: 'open' }, { do: 'write', tab: 1 }, { do: 'pass', ms: 0 }],
          1,
        ],
      ],
    },
  )
})

/** Returns a generator of numbers in [0, 1) that is the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => (state = (state * 16807 + 11) % 2147483647) / 2147483647
}

async function runProgram(steps: readonly Step[], random: () => number): Promise<void> {
  const log = createFencedLog()
  const { world, openTab } = prepareTabs('http://127.0.0.1:1/stream', {
    fetchFor: (of) => log.fetchOf(of.name),
    random,
  })
  let open: TabDB[] = []
  let appended = 0
  const written = new Map<string, TabDB>()
  const confirmed = new Set<string>()
  let faults = 0

  /** Of tabs that run: what a frozen one left open dies with its time. */
  function assertOneReader(): void {
    const running = new Set(world.tabs.filter(({ state }) => state === 'running').map(({ name }) => name))
    const readers = log.readers.filter((name) => running.has(name))
    expect(readers.length, readers.join()).toBeLessThanOrEqual(1)
  }

  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 50) {
      await vi.advanceTimersByTimeAsync(Math.min(50, ms - passed))
      assertOneReader()
    }
    if (ms === 0) await vi.advanceTimersByTimeAsync(0)
  }

  // A tab that is frozen while it opens the store gives the store up: its timers run on in this process.
  async function begin(): Promise<void> {
    const one = openTab({ live: 'long-poll' })
    open.push(one)
    one.db.preload().catch(() => undefined)
    await pass(20)
  }

  for (const each of [{ do: 'open' }, ...steps] satisfies Step[]) {
    const one = 'tab' in each ? open[each.tab % Math.max(1, open.length)] : undefined
    switch (each.do) {
      case 'open':
        if (open.length < 5) await begin()
        break
      case 'append': {
        const id = `m${appended % 7}`
        const headers = { operation: appended % 5 === 4 ? ('delete' as const) : ('upsert' as const) }
        log.append({
          type: 'message',
          key: id,
          value: { id, userId: 'u', text: `${id} ${appended++}` },
          headers,
        })
        break
      }
      case 'close':
        if (one?.tab.state === 'running') one.db.close()
        if (one?.tab.state === 'running') open = open.filter((other) => other !== one)
        break
      case 'crash':
        one?.tab.crash()
        open = open.filter((other) => other !== one)
        break
      case 'freeze':
        one?.tab.freeze()
        break
      case 'thaw':
        one?.tab.thaw()
        break
      case 'leave':
        one?.tab.hide()
        break
      case 'return':
        one?.tab.show()
        break
      case 'hide':
        one?.tab.setVisible(false)
        break
      case 'show':
        one?.tab.setVisible(true)
        break
      case 'write': {
        if (one?.tab.state !== 'running') break
        const id = `w${written.size}`
        written.set(id, one)
        one.db
          .transact(() => void one.db.collections.users.insert({ id, name: id }))
          .when('settled')
          .then(
            () => confirmed.add(id),
            () => undefined,
          )
        break
      }
      case 'fault':
        faults = each.count
        log.fault = () => (faults-- > 0 ? each.fault : 'none')
        break
      case 'lose':
        one?.tab.loseMessages(each.count)
        break
      case 'pass':
        await pass(each.ms)
    }
    assertOneReader()
  }
  if (open.length === 0) await begin()
  for (const { tab: each } of open) {
    each.show()
    each.thaw()
    each.setVisible(true)
    each.loseMessages(0)
  }
  log.fault = undefined
  await pass(120_000)
  const counts = new Map<string, number>()
  for (const event of log.events) {
    if ('key' in event && event.type === 'user') counts.set(event.key, (counts.get(event.key) ?? 0) + 1)
  }
  for (const [id, by] of written) {
    const count = counts.get(id) ?? 0
    // What a tab wrote in its last moment may be lost with it.
    if (confirmed.has(id) || open.includes(by)) expect(count, `${id} of ${by.tab.name}`).toBe(1)
    else expect(count, id).toBeLessThanOrEqual(1)
    if (open.includes(by)) expect(confirmed, `${id} of ${by.tab.name}`).toContain(id)
  }
  const rows = new Map<string, string>()
  for (const event of log.events) {
    if (!('key' in event) || event.type !== 'message') continue
    if (event.headers.operation === 'delete') rows.delete(event.key)
    else rows.set(event.key, (event.value as { text: string }).text) // as appended above
  }
  const expected = [...rows.values()].sort()
  for (const { db, texts, tab: each } of open) {
    expect(texts, each.name).toEqual(expected)
    expect(db.status.name, each.name).toBe('live')
    expect([...db.collections.users.keys()].sort(), each.name).toEqual([...counts.keys()].sort())
  }
  expect(log.readers).toHaveLength(1)
  expect(open.filter(({ role }) => role === 'leader')).toHaveLength(1)
  for (const { db } of open) db.close()
  await pass(1_000)
}

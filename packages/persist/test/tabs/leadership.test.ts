import { TabWorld } from '@streamdb/testkit/tabs'
import type { WorldTab } from '@streamdb/testkit/tabs'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { defaultElectionTimes as times } from '../../src/tabs/election.ts'
import type { Thefts } from '../../src/tabs/election.ts'
import { Leadership } from '../../src/tabs/leadership.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Candidate {
  readonly tab: WorldTab
  readonly isLeading: boolean
  readonly beats: number[]
  readonly thefts: number
  close(): void
}

const world = (): TabWorld => new TabWorld()

/** Lets a tab take part in the election of "the lock". */
function join(of: TabWorld, options: { hasLocks?: boolean } = {}): Candidate {
  const tab = of.openTab(options)
  const closing = new AbortController()
  const beats: number[] = []
  let term: AbortSignal | undefined
  let thefts = 0
  const channel = tab.browser.openChannel?.('the channel') ?? expect.fail()
  const { locks = expect.fail() } = tab.browser
  const leadership = new Leadership(
    { browser: tab.browser, locks, name: 'the lock', times, signal: closing.signal },
    {
      onLead: (signal) => void (term = signal),
      onStepDown: () => undefined,
      onAway: () => undefined,
      onBack: () => undefined,
      onRefused: () => undefined,
      beat(given) {
        beats.push(Date.now())
        channel.post(given)
      },
      ask: () => channel.post('ask'),
    },
  )
  channel.listen((message) => {
    if (message === 'ask') leadership.onAsked()
    else {
      leadership.onHeard(message as Thefts) // nothing else is sent here
      thefts = (message as Thefts).count
    }
  })
  leadership.start()
  onTestFinished(() => closing.abort())
  return {
    tab,
    beats,
    get isLeading() {
      return term?.aborted === false
    },
    get thefts() {
      return thefts
    },
    close: () => closing.abort(),
  }
}

const leading = (tabs: readonly Candidate[]): number[] =>
  tabs.flatMap(({ isLeading, tab }, index) => (isLeading && tab.state === 'running' ? [index] : []))

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

test('[T1] one tab leads, and the others wait for as long as it takes', async () => {
  const all = world()
  const tabs = [join(all), join(all), join(all)]
  await pass(60 * 60_000)
  expect(leading(tabs)).toEqual([0])
  tabs[0]?.close()
  await pass(0)
  expect(leading(tabs)).toEqual([1])
  tabs[1]?.tab.crash()
  await pass(0)
  expect(leading(tabs)).toEqual([2])
})

test('[T2] a page that is left gives the lock up at once, and asks again when it is shown', async () => {
  const all = world()
  const tabs = [join(all), join(all)]
  await pass(0)
  tabs[0]?.tab.hide()
  await pass(0)
  expect(leading(tabs)).toEqual([1])
  tabs[0]?.tab.show()
  await pass(60_000)
  expect(leading(tabs)).toEqual([1])
  tabs[1]?.close()
  await pass(0)
  expect(leading(tabs)).toEqual([0])
})

test('[T2] a follower that is left does not wait for the lock meanwhile', async () => {
  const all = world()
  const tabs = [join(all), join(all), join(all)]
  await pass(0)
  tabs[1]?.tab.hide()
  await pass(0)
  tabs[0]?.close()
  await pass(0)
  expect(leading(tabs)).toEqual([2])
})

test('[T6] the leader is heard every 2 s, at once when it begins to lead', async () => {
  const leader = join(world())
  await pass(0)
  expect(leader.beats).toHaveLength(1)
  await pass(20_000)
  expect(leader.beats).toHaveLength(11)
})

test('[T7] a frozen leader is robbed by a visible tab; thawed, it follows', async () => {
  const all = world()
  const tabs = [join(all), join(all)]
  await pass(5_000)
  tabs[0]?.tab.freeze()
  await pass(9_000)
  expect(leading(tabs)).toEqual([])
  await pass(10_000)
  expect(leading(tabs)).toEqual([1])
  tabs[0]?.tab.thaw()
  await pass(120_000)
  expect(leading(tabs)).toEqual([1])
  tabs[1]?.close()
  await pass(0)
  expect(leading(tabs)).toEqual([0])
})

test('[T7] a hidden tab leaves a frozen leader alone until it is visible', async () => {
  const all = world()
  const tabs = [join(all), join(all)]
  await pass(0)
  tabs[1]?.tab.setVisible(false)
  tabs[0]?.tab.freeze()
  await pass(5 * 60_000)
  expect(leading(tabs)).toEqual([])
  tabs[1]?.tab.setVisible(true)
  await pass(15_000)
  expect(leading(tabs)).toEqual([1])
})

test('[T7] a leader whose heartbeats are lost answers when it is asked', async () => {
  const all = world()
  const tabs = [join(all), join(all)]
  await pass(0)
  tabs[1]?.tab.loseMessages(6)
  await pass(60_000)
  expect(leading(tabs)).toEqual([0])
})

test('[T7] two tabs that hear nothing of each other steal less and less often', async () => {
  const all = world()
  const tabs = [join(all), join(all)]
  await pass(0)
  for (const { tab } of tabs) tab.loseMessages(Infinity)
  let changes = 0
  let last = leading(tabs)[0]
  for (let second = 0; second < 60 * 60; second++) {
    await pass(1_000)
    const now = leading(tabs)
    expect(now.length).toBeLessThanOrEqual(1)
    if (now[0] !== undefined && now[0] !== last) {
      changes++
      last = now[0]
    }
  }
  // 1, 2, 4, 8, 16 minutes, each of the two.
  expect(changes).toBeGreaterThan(2)
  expect(changes).toBeLessThanOrEqual(13)
})

test('a lock that the browser refuses is asked for again', async () => {
  const all = world()
  const tab = all.openTab()
  const { locks = expect.fail() } = tab.browser
  let refusals = 2
  const refusing: typeof locks = {
    request: (...given) => (refusals-- > 0 ? Promise.reject(new Error('not now')) : locks.request(...given)),
  }
  const closing = new AbortController()
  onTestFinished(() => closing.abort())
  const onLead = vi.fn()
  const listener = {
    onLead,
    onStepDown: vi.fn(),
    onAway: vi.fn(),
    onBack: vi.fn(),
    onRefused: vi.fn(),
    beat: vi.fn(),
    ask: vi.fn(),
  }
  const parts = { browser: tab.browser, locks: refusing, name: 'a', times, signal: closing.signal }
  new Leadership(parts, listener).start()
  await pass(10_000)
  expect(onLead).toHaveBeenCalledOnce()
})

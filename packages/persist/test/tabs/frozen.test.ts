import { createFencedLog } from '@streamdb/testkit'
import type { FencedLog } from '@streamdb/testkit'
import type { WorldTab } from '@streamdb/testkit/tabs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { BlockStore } from '../../src/index.ts'
import { prepareTabs } from './open-tabs.ts'
import type { TabDB, TabsUnderTest } from './open-tabs.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const message = (id: string) => ({
  type: 'message',
  key: id,
  value: { id, userId: 'u1', text: id },
  headers: { operation: 'upsert' as const },
})

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)

/** Opens tabs that show one log, one after the other. */
async function open(
  count: number,
  { slow }: { readonly slow?: string } = {},
): Promise<{ log: FencedLog; tabs: TabsUnderTest; all: TabDB[] }> {
  const log = createFencedLog()
  log.append(message('a'))
  const tabs = prepareTabs('http://127.0.0.1:1/stream', {
    fetchFor: (tab) => log.fetchOf(tab.name),
    wrapBlocks: (store, tab) => (tab.name === slow ? openSlowly(store, tab) : store),
  })
  const all: TabDB[] = []
  for (let n = 0; n < count; n++) {
    const one = tabs.openTab({ live: 'long-poll' })
    all.push(one)
    void one.db.preload()
    await pass(300)
    expect(one.db.status.name).toBe('live')
  }
  return { log, tabs, all }
}

/** A store that takes longer to open than a tab waits, whether the tab runs or not. */
function openSlowly(store: BlockStore, tab: WorldTab): BlockStore {
  return {
    async open(id) {
      await tab.gate(new Promise((resolve) => setTimeout(resolve, 5_500)))
      return store.open(id)
    },
  }
}

const [first, second, third] = [0, 1, 2] as const

test('[T7] [T8] a frozen leader is replaced; thawed, it changes nothing in the store, and follows', async () => {
  const { log, all } = await open(3)
  expect(all.map(({ role }) => role)).toEqual(['leader', 'follower', 'follower'])
  // It has read something that it has not stored.
  log.append(message('b'))
  await pass(5)
  all[first]?.tab.freeze()
  log.append(message('c'))
  await pass(30_000)
  expect(
    all
      .map(({ role }) => role)
      .slice(1)
      .sort(),
  ).toEqual(['follower', 'leader'])
  for (const each of all.slice(1)) {
    expect(each.texts).toEqual(['a', 'b', 'c'])
    expect(each.db.status).toEqual({ name: 'live' })
  }
  log.append(message('d'))
  await pass(1_000)
  all[first]?.tab.thaw()
  await pass(3_000)
  log.append(message('e'))
  await pass(3_000)
  for (const each of all) {
    expect(each.texts).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(each.db.status).toEqual({ name: 'live' })
  }
  expect(all[first]?.role).toBe('follower')
  expect(log.readers).toHaveLength(1)
})

test('while the leader is silent a follower does not say that it is live', async () => {
  const { all } = await open(2)
  all[second]?.tab.setVisible(false)
  all[first]?.tab.freeze()
  await pass(20_000)
  expect(all[second]?.db.status.name).toBe('reconnecting')
  all[first]?.tab.thaw()
  await pass(3_000)
  expect(all[second]?.db.status.name).toBe('live')
})

test('[T2] a leader in the back-forward cache gives its place up at once; brought back, it shows everything', async () => {
  const { log, all } = await open(3)
  all[first]?.tab.hide()
  log.append(message('b'))
  await pass(500)
  expect(all[second]?.role).toBe('leader')
  expect(all[third]?.texts).toEqual(['a', 'b'])
  log.append(message('c'))
  await pass(60_000)
  all[first]?.tab.show()
  await pass(3_000)
  expect(all[first]?.texts).toEqual(['a', 'b', 'c'])
  expect(all[first]?.role).toBe('follower')
  expect(all[first]?.db.status).toEqual({ name: 'live' })
  expect(log.readers).toEqual(['tab 2'])
})

test('[T2] a page that comes back without `pageshow` is woken when it is visible', async () => {
  const { log, all } = await open(2)
  all[first]?.tab.hide()
  log.append(message('b'))
  await pass(500)
  expect(all[second]?.role).toBe('leader')
  all[first]?.tab.show({ isSilent: true })
  await pass(3_000)
  expect(all[first]?.texts).toEqual(['a', 'b'])
  expect(all[first]?.role).toBe('follower')
  expect(all[first]?.db.status).toEqual({ name: 'live' })
  all[second]?.tab.crash()
  await pass(500)
  expect(all[first]?.role).toBe('leader')
})

test.each([0, 1_500, 4_900])(
  '[T12] a tab that is frozen while its store opens, for %i ms before that, shares it when it thaws',
  async (ms) => {
    const { log, tabs } = await open(1, { slow: 'tab 2' })
    const slow = tabs.openTab({ live: 'long-poll' })
    void slow.db.preload()
    await pass(ms)
    slow.tab.freeze()
    await pass(60_000)
    slow.tab.thaw()
    log.append(message('b'))
    await pass(3_000)
    expect(slow.role).toBe('follower')
    expect(slow.texts).toEqual(['a', 'b'])
  },
)

test('[T9] a thawed leader that appends is refused with 403: its write stays in the outbox, and is stored once', async () => {
  const { log, all } = await open(2)
  const [old = expect.fail(), next = expect.fail()] = all
  const insert = (one: TabDB, id: string) =>
    one.db.transact(() => void one.db.collections.users.insert({ id, name: id })).when('settled')
  // The leader's epoch is one that the server knows.
  const known = insert(old, 'known')
  await pass(1_000)
  await known
  // It freezes while its request is on the way, before the server has it.
  log.delayNext('tab 1')
  const late = insert(old, 'late')
  await pass(50)
  old.tab.freeze()
  await pass(30_000)
  expect(next.role).toBe('leader')
  const own = insert(next, 'own')
  await pass(1_000)
  await own
  log.release()
  await pass(100)
  expect(log.refused).toEqual(['tab 1'])
  old.tab.thaw()
  await pass(10_000)
  await late
  const keys = log.events.flatMap((event) => ('key' in event && event.type === 'user' ? [event.key] : []))
  expect(keys.sort()).toEqual(['known', 'late', 'own'])
  expect(old.role).toBe('follower')
})

import type { CreateStreamDBOptions } from '@streamdb/db'
import { eventually } from '@streamdb/testkit'
import { roomServer } from '@streamdb/testkit/rooms'
import type { Room } from '@streamdb/testkit/rooms'
import { expect, onTestFinished, test, vi } from 'vitest'
import { prepareTabs } from './open-tabs.ts'
import type { TabDB } from './open-tabs.ts'

/** Opens a leader and a follower whose write waits for the server's refusal. */
async function openWithWrite(options: Partial<CreateStreamDBOptions<Room>> = {}) {
  const kit = await roomServer()
  const url = await kit.createStream()
  let refuse = (): void => undefined
  const isRefused = new Promise<void>((resolve) => (refuse = resolve))
  let sent = 0
  const tabs = prepareTabs(url, {
    fetchFor: () => async (input, init) => {
      if (init?.method !== 'POST') return fetch(input, init)
      sent++
      await isRefused
      return new Response('no', { status: 400 })
    },
  })
  const [leader, follower] = [tabs.openTab(options), tabs.openTab()]
  await leader.db.preload()
  await follower.db.preload()
  await eventually(() => expect([leader.role, follower.role]).toEqual(['leader', 'follower']))
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const write = follower.db
    .transact(
      () => void follower.db.collections.messages.insert({ id: 'b', userId: 'u', text: 'b', likes: 0 }),
    )
    .when('settled')
  write.catch(() => undefined)
  await vi.waitFor(() => expect(sent).toBe(1))
  return { tabs, leader, follower, write, refuse }
}

const writesIn = async ({ db }: TabDB): Promise<number | undefined> => (await db.storage?.size())?.writes

test('[T13] a refused write whose tab is gone leaves the outbox after a minute, and the leader says so', async () => {
  const errors: unknown[] = []
  const { leader, follower, refuse } = await openWithWrite({ onError: (error) => void errors.push(error) })
  follower.tab.crash()
  refuse()
  await vi.waitFor(async () => expect(await writesIn(leader)).toBe(1))
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await writesIn(leader)).toBe(1)
  expect(errors).toEqual([])
  await vi.advanceTimersByTimeAsync(31_000)
  await vi.waitFor(async () => expect(await writesIn(leader)).toBe(0))
  expect(errors).toMatchObject([{ code: 'write-failed', status: 400 }])
})

test('[T13] a tab that was frozen meanwhile hears that its write was refused', async () => {
  const { leader, follower, refuse, write } = await openWithWrite({ onError: () => undefined })
  follower.tab.freeze()
  refuse()
  await vi.waitFor(async () => expect(await writesIn(leader)).toBe(1))
  await vi.advanceTimersByTimeAsync(61_000)
  await vi.waitFor(async () => expect(await writesIn(leader)).toBe(0))
  vi.useRealTimers()
  follower.tab.thaw()
  await expect(write).rejects.toMatchObject({ code: 'write-failed', status: 400 })
  expect(follower.texts).toEqual([])
})

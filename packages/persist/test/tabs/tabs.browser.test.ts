import { deferred } from '@streamdb/log'
import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { openSite } from './browser/open-site.ts'
import type { RealTab, Site } from './browser/open-site.ts'

const message = (id: string) => ({
  type: 'message',
  key: id,
  value: { id, userId: 'u1', text: id },
  headers: { operation: 'upsert' },
})

const patient = { timeout: 20_000 }

/** Opens tabs one after the other, and waits until all show `texts`. */
async function openTabs(site: Site, count: number, texts: readonly string[]): Promise<RealTab[]> {
  const tabs: RealTab[] = []
  for (let n = 0; n < count; n++) tabs.push(await site.openTab())
  await expectAll(tabs, [...texts].sort())
  return tabs
}

async function expectAll(tabs: readonly RealTab[], texts: readonly string[]): Promise<void> {
  await eventually(async () => {
    for (const each of tabs) expect(await each.texts()).toEqual(texts)
  }, patient)
}

/** Takes the leader out of `tabs`. */
async function takeLeader(tabs: RealTab[]): Promise<RealTab> {
  return eventually(async () => {
    const roles = await Promise.all(tabs.map((each) => each.role()))
    expect(roles.filter((role) => role === 'leader')).toHaveLength(1)
    return tabs.splice(roles.indexOf('leader'), 1)[0] ?? expect.fail()
  }, patient)
}

test(
  '[T3] ten tabs in Chromium: one connection, while leaders are closed and crash in turn',
  { timeout: 180_000 },
  async () => {
    const site = await openSite()
    await site.append(message('m0'))
    const tabs = await openTabs(site, 10, ['m0'])
    expect(site.live.now).toBe(1)
    const texts = ['m0']
    const pauses: number[] = []
    for (let round = 0; tabs.length > 2; round++) {
      const leader = await takeLeader(tabs)
      const [witness = expect.fail()] = tabs
      const id = `m${round + 1}`
      const own = `w${round + 1}`
      const shown = witness.page.waitForFunction((text) => page.texts().includes(text), id, { polling: 10 })
      // Written in the moment in which the leader dies: it may have sent it, or not.
      await witness.send(own)
      site.live.forget()
      if (round % 2 === 0) await leader.page.close()
      else await leader.crash()
      const died = performance.now()
      await site.append(message(id))
      await shown
      pauses.push(Math.round(performance.now() - died))
      texts.push(id, own)
      await expectAll(tabs, [...texts].sort())
      await eventually(() => expect(site.live.now).toBe(1))
      for (const each of tabs) expect(await each.status()).toBe('live')
    }
    const items = (await site.items()) as { key: string }[] // events of this test
    expect(items.map(({ key }) => key).sort()).toEqual([...texts].sort())
    // No two at once: whoever leads next begins when the last one is gone.
    expect(site.live.most).toBe(1)
    console.info(`A follower showed a row after ${pauses.join(', ')} ms`)
  },
)

declare const page: { texts(): string[]; returns(): number }

test('[T2] a leading page that goes into the back-forward cache gives its place up', async () => {
  const site = await openSite({ backForwardCache: true })
  await site.append(message('a'))
  const [leader = expect.fail(), follower = expect.fail()] = await openTabs(site, 2, ['a'])
  await eventually(async () => expect(await leader.role()).toBe('leader'))
  await leader.page.goto(`${site.url}other`)
  await eventually(async () => expect(await follower.role()).toBe('leader'))
  await site.append(message('b'))
  await expectAll([follower], ['a', 'b'])
  // It is kept, and so loads nothing.
  await leader.page.goBack({ waitUntil: 'commit' })
  await expectAll([leader, follower], ['a', 'b'])
  // It was kept, not loaded anew.
  expect(await leader.page.evaluate(() => page.returns())).toBe(1)
  expect(await leader.role()).toBe('follower')
  await site.append(message('c'))
  await expectAll([leader, follower], ['a', 'b', 'c'])
  await eventually(() => expect(site.live.now).toBe(1))
})

test(
  '[T7] [T8] a frozen leader in Chromium is replaced, and follows when it thaws',
  { timeout: 120_000 },
  async () => {
    const site = await openSite()
    await site.append(message('a'))
    const [leader = expect.fail(), follower = expect.fail()] = await openTabs(site, 2, ['a'])
    await eventually(async () => expect(await leader.role()).toBe('leader'))
    // A page that the browser has frozen, or whose main thread is held, does nothing at all: here until a request is answered.
    const thaw = deferred()
    await leader.page.route('**/thaw', async (route) => {
      await thaw.promise
      await route.fulfill({ body: '' })
    })
    const frozen = leader.page.evaluate(() => {
      const request = new XMLHttpRequest()
      request.open('GET', '/thaw', false)
      request.send()
    })
    await site.append(message('b'))
    await eventually(async () => expect(await follower.role()).toBe('leader'), { timeout: 30_000 })
    await expectAll([follower], ['a', 'b'])
    thaw.resolve()
    await frozen
    await expectAll([leader, follower], ['a', 'b'])
    await eventually(async () => expect(await leader.role()).toBe('follower'))
    await eventually(() => expect(site.live.now).toBe(1))
  },
)

import { eventually } from '@streamdb/testkit'
import { expect, test } from 'vitest'
import { openSite } from '../tabs/browser/open-site.ts'
import type { RealTab } from '../tabs/browser/open-site.ts'
import type { OutboxPage } from './browser/page.ts'

declare const page: OutboxPage

const entry = new URL('./browser/page.ts', import.meta.url)
const patient = { timeout: 20_000 }

const keysOf = (items: readonly unknown[]): unknown[] => items.map((item) => (item as { key?: unknown }).key) // events, which the test has written
const outboxOf = (tab: RealTab): Promise<string[] | undefined> => tab.page.evaluate(() => page.outbox())

test(
  '[O1] [O2] [O3] Chromium: offline, write, reload, write, close all tabs, another tab: all arrive once, in order',
  { timeout: 90_000 },
  async () => {
    const site = await openSite({ entry })
    const first = await site.openTab()
    await eventually(async () => expect(await first.status()).toBe('live'), patient)
    site.answer = () => 'break'
    await first.write('a')
    await first.write('b')
    await first.page.reload()
    await eventually(async () => expect(await first.texts()).toEqual(['a', 'b']), patient)
    const second = await site.openTab()
    await eventually(async () => expect(await second.texts()).toEqual(['a', 'b']), patient)
    await first.write('c')
    await second.write('d')
    await first.page.close()
    await second.page.close()
    expect(await site.items()).toEqual([])
    site.answer = () => 'forward'
    const third = await site.openTab()
    await eventually(async () => {
      expect(await third.texts()).toEqual(['a', 'b', 'c', 'd'])
      expect(await outboxOf(third)).toEqual([])
    }, patient)
    expect(keysOf(await site.items())).toEqual(['a', 'b', 'c', 'd'])
  },
)

test('[O4] Chromium: a server that refuses one of five keeps four', { timeout: 90_000 }, async () => {
  const site = await openSite({ entry })
  const first = await site.openTab()
  await eventually(async () => expect(await first.status()).toBe('live'), patient)
  site.answer = () => 'break'
  for (const id of ['a', 'b', 'wrong', 'd', 'e']) await first.write(id)
  await first.page.close()
  site.answer = (method, body) => (method === 'POST' && body.includes('wrong') ? 'refuse' : 'forward')
  const second = await site.openTab()
  await eventually(async () => expect(await outboxOf(second)).toEqual(['wrong refused']), patient)
  expect(await second.texts()).toEqual(['a', 'b', 'd', 'e'])
  expect(keysOf(await site.items())).toEqual(['a', 'b', 'd', 'e'])
})

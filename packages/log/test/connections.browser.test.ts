import { needs, startStreamServer } from '@streamdb/testkit'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { openTestPage } from './browser/site.ts'
import type { TestPage } from './browser/page.ts'

declare const page: TestPage

// The page reads the stream server of another origin.
beforeEach(() => needs('cors'))

test('[F-real-6] seven readers over HTTP/1.1 in one browser: an own write in the last one is stored and read at once', async () => {
  const server = await startStreamServer()
  onTestFinished(() => server.stop())
  const tab = await openTestPage()
  const urls = await Promise.all(
    Array.from({ length: 7 }, (_, n) => server.createStream(undefined, { items: [n] })),
  )
  await tab.evaluate((all) => page.open(all), urls)
  await tab.waitForFunction(() => page.modes().every((mode) => mode !== undefined))
  await tab.waitForFunction(() => page.modes().filter((mode) => mode === 'sse').length === 4)

  for (const index of [6, 0, 3]) {
    const began = performance.now()
    await tab.evaluate((at) => page.append(at, '"own"'), index)
    await tab.waitForFunction((at) => page.items()[at]?.includes('own'), index)
    expect(performance.now() - began).toBeLessThan(10_000)
  }
  await Promise.all(urls.map((url) => server.appendItems(url, ['others'])))
  await tab.waitForFunction(() => page.items().every((items) => items.includes('others')))
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { startStreamServer } from '@streamdb/testkit'
import { launchChromium } from '@streamdb/testkit/chromium'
import { expect, onTestFinished, test } from 'vitest'
import type { TestPage } from './browser/page.ts'

declare const page: TestPage

test('[F-real-6] seven readers over HTTP/1.1 in one browser: an own write in the last one is stored and read at once', async () => {
  const server = await startStreamServer()
  const browser = await launchChromium()
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./browser/page.ts', import.meta.url))],
    bundle: true,
    format: 'iife',
    write: false,
  })
  const site = createServer((request, response) => {
    const isScript = request.url === '/page.js'
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' })
    response.end(isScript ? outputFiles[0]?.text : '<!doctype html><script src="/page.js"></script>')
  })
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await browser.close()
    site.closeAllConnections()
    site.close()
    await server.stop()
  })
  const tab = await browser.newPage()
  await tab.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`) // of a TCP server
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

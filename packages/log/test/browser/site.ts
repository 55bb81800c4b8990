import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { launchChromium } from '@streamdb/testkit/chromium'
import type { Page } from '@streamdb/testkit/chromium'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'

/** Opens `page.ts` in Chromium, of an origin of its own; both end with the test. */
export async function openTestPage(options: { ignoreHTTPSErrors?: boolean } = {}): Promise<Page> {
  const browser = await launchChromium()
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./page.ts', import.meta.url))],
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
  })
  const tab = await browser.newPage(options)
  await tab.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`) // of a TCP server
  return tab
}

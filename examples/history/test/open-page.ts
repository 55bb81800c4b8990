import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

/**
 * Opens `url` in Chromium for as long as the test runs, and fails the test at the end when the page complained of
 * anything but what is `expected`.
 */
export async function openPage(url: string, expected?: RegExp): Promise<Page> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      ...[
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-sync',
      ],
      ...['--disable-background-networking', '--disable-component-update'],
    ],
  })
  const complaints: string[] = []
  onTestFinished(async () => {
    await browser.close()
    if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`)
  })
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 } })
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    const text = message.text()
    if (!['error', 'warning'].includes(message.type()) || expected?.test(text) === true) return
    complaints.push(text)
  })
  await page.goto(url)
  return page
}

import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

/** A Chromium for as long as the test runs. */
export interface TestBrowser {
  /** Opens `url` in a tab. */
  open(url: string): Promise<Page>
  /** Watches a tab that a page opened. */
  watch(page: Page): Page
}

/**
 * Starts a Chromium for as long as the test runs, and fails the test at the end when a page complained of anything but
 * what is `expected`.
 */
export async function openBrowser(expected?: RegExp): Promise<TestBrowser> {
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
  // Tabs of one window share what a user's tabs share: storage, cache and connections.
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } })

  function watch(page: Page): Page {
    page.setDefaultTimeout(20_000)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      const text = message.text()
      if (!['error', 'warning'].includes(message.type()) || expected?.test(text) === true) return
      complaints.push(text)
    })
    return page
  }

  return {
    watch,
    async open(url) {
      const page = watch(await context.newPage())
      await page.goto(url)
      return page
    },
  }
}

/** Opens `url` in a Chromium of its own. */
export async function openPage(url: string, expected?: RegExp): Promise<Page> {
  return (await openBrowser(expected)).open(url)
}

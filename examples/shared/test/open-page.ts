import { chromium } from 'playwright-core'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

/** How a window looks. */
export interface Look {
  readonly width: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}

/** The widths in pixels at which every page is looked at: two phones, a tablet, a laptop, a wide screen. */
export const widths = [320, 390, 768, 1280, 2560] as const

/** A Chromium for as long as the test runs. */
export interface TestBrowser {
  /** Opens `url` in a tab; with `look`, in a window of its own. */
  open(url: string, look?: Look): Promise<Page>
  /** Records the errors of a tab that a page opened. */
  watch(page: Page): Page
}

/**
 * Starts a Chromium for as long as the test runs. Fails the test at the end when a page logged an error or a warning
 * that is not `expected`.
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
  const errors: string[] = []
  onTestFinished(async () => {
    await browser.close()
    if (errors.length > 0) throw new Error(`The page logged errors:\n${errors.join('\n')}`)
  })
  // Tabs of one context share what a user's tabs share: storage, cache and connections.
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } })

  function watch(page: Page): Page {
    page.setDefaultTimeout(20_000)
    page.on('pageerror', (error) => errors.push(String(error)))
    page.on('console', (message) => {
      // A request that failed is named by its address alone.
      const text = `${message.text()} ${message.location().url}`.trim()
      if (!['error', 'warning'].includes(message.type()) || expected?.test(text) === true) return
      errors.push(text)
    })
    return page
  }

  return {
    watch,
    async open(url, look) {
      const window = look === undefined ? context : await browser.newContext(optionsOf(look))
      const page = watch(await window.newPage())
      await page.goto(url)
      return page
    },
  }
}

function optionsOf({ width, height = 800, colorScheme = 'light' }: Look): BrowserContextOptions {
  // No `isMobile`: a page that is too wide would be zoomed out, and seem to fit.
  // Without motion, so that nothing is half transparent when it is looked at.
  return { viewport: { width, height }, colorScheme, hasTouch: width < 700, reducedMotion: 'reduce' }
}

/** Opens `url` in a Chromium of its own. */
export async function openPage(url: string, expected?: RegExp): Promise<Page> {
  return (await openBrowser(expected)).open(url)
}
